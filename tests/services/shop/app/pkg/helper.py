NAME = "books"
