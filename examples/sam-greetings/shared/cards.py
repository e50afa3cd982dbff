"""The cards, which both functions know."""

CARDS = {"birthday": "Many happy returns", "thanks": "Thank you so much"}
