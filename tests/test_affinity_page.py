"""docs/affinity.md holds what its script says, and its script says that affinity is worth it."""

from bench.affinity import DOCUMENT, Run, document


def test_the_page_is_what_the_script_writes():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert document(text) == text, "run: python -m bench.affinity"
    assert text.count("`round_robin` | ") == 2


def test_affinity_finds_the_cache_again():
    without, with_it = (Run("round_robin", affinity, limited=False).play() for affinity in (False, True))
    assert without.requests == with_it.requests
    assert with_it.cached / with_it.sent > 0.9 > 0.75 > without.cached / without.sent
