SELECT sum(price) FROM cart
