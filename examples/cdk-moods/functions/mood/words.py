"""Words that tell."""

CHEERFUL = frozenset({"glad", "sun", "thanks", "wonderful"})
GLOOMY = frozenset({"alas", "grey", "lost", "rain"})
