"""What the token network's card says, for the scripts that train and that evaluate it."""

SUMMARY = (
    "Token network: dilated gated convolutions over static word vectors, hashed words and affixes, word "
    "lists and quotation state. Heads: voice × kind of statements with the attribution frame, cues, "
    "sources and contents of attributions, and, given a cue, which tokens are its source and content."
)
LIMITS = (
    "Trained on US political news of 2015 and 2016, wire copy, and US and climate articles of 2010 to 2020, "
    "English only; other registers (sport, interviews, live blogs) are read less well. Statement labels "
    "were given by a language model in one pass."
)
