"""The catalogue: every code that a check of the specs can report, and what it means. Codes are never used again.

Each has a folder in tests/diagnostics/ with specs that are broken in that way and the exact message. The codes of policy
files, E7, are those of `runtime.core.policy`.
"""

CODES = {
    # the text
    "E101": "not YAML, more than one document, or nested too deep",
    "E102": "a key is given twice",
    "E103": "an anchor, alias, merge key or tag",
    "E104": "a plain scalar that YAML 1.1 and 1.2 read differently",
    "E105": "a key that is not text",
    # the form
    "E110": "a key that does not belong there",
    "E111": "a key is missing, or one too many of those that exclude each other",
    "E112": "a value of the wrong kind",
    "E113": "none of the words that belong there",
    "E114": "text of the wrong form",
    "E115": "too little or too much",
    "E116": "the same thing twice in a list",
    "E117": "a number out of bounds",
    # names and types
    "E201": "a type has no such field",
    "E202": "there is no such lens",
    "E203": "there is no such table",
    "E204": "there is no such primitive",
    "E205": "a path goes into a value that has no fields",
    "E206": "there is no such type, or no such member of a choice",
    "E207": "a side has no such word",
    "E221": "two types that do not meet",
    "E222": "a modifier or value that does not fit its line",
    # totality
    "E301": "a wire field that nobody speaks of",
    "E302": "a canonical field that nobody speaks of",
    "E303": "a canonical field that is read and never written",
    "E304": "a wire variant that nobody speaks of",
    "E305": "a canonical kind that a lens has no case for",
    "E306": "a required field that may get nothing",
    "E307": "two lines that write the same value",
    "E308": "an entry that says nothing, because another line speaks of the same",
    "E309": "a lens, table or primitive that nothing uses",
    "E310": "`elsewhere`, and it is nowhere else",
    "E311": "a wire word that a table does not read",
    "E312": "a canonical word that a table cannot write",
    "E313": "a word moved as it is between sides with different words",
    "E314": "a table that cannot be inverted",
    "E315": "a word that a table gives twice, or writes and never reads",
    "E316": "a status that one dialect reads and another does not",
    "E317": "a must-honour field that is dropped",
    "E318": "a field of some servers only, written to all",
    "E319": "a field that cannot be carried from there",
    "E320": "a field that two dialects carry",
    "E321": "a role that the turn grammar does not speak of",
    "E322": "a part of the turn grammar that does not fit the lenses",
    "E323": "a part of http or versions that does not fit the rest",
    "E324": "a capability that no provider speaks of",
    # the schemas
    "E331": "members of a union that cannot be told apart by its tag",
    "E332": "a default in a wire schema",
    "E333": "null is to be written where it may not stand",
    "E334": "alternatives that no decoder tells apart",
    "E335": "a type that no decoder can be built for",
    "E336": "a case that is no value of its type",
    # streams
    "E402": "blocks that grow at once and cannot be told apart",
    "E403": "a frame that is not what the stream machine reads",
    # providers and primitives
    "E501": "a provider and a dialect that do not go together",
    "E502": "facts or edits of a provider that contradict each other",
    "E511": "a primitive that is declared and not implemented",
    "E512": "a primitive that is implemented and not declared",
}
