from datetime import timedelta

from aggregator.affinity import Comparer
from aggregator.neighbours import MemoryNeighbours
from aggregator.related import pick, refreshed, scores
from aggregator.terms import prior
from tests.event_cases import arrive, arrive_all, entry, reports


def matter(report):
    return report.event.split("-")[0]


def test_related_articles_are_of_the_same_matter_and_at_most_three():
    found = sorted(reports("heldout", "crowd-heldout"), key=lambda one: str(one.published))
    _, arrivals = arrive_all(found, MemoryNeighbours())
    right = wrong = 0
    for one, arrival in zip(found, arrivals, strict=True):
        assert len(arrival.related) <= 3
        for pk in arrival.related:
            right += matter(found[pk]) == matter(one)
            wrong += matter(found[pk]) != matter(one)
    assert right > 60
    assert right / (right + wrong) >= 0.9


def test_another_days_article_on_the_matter_is_found():
    found = [one for one in reports("heldout") if matter(one) == "mamdani"]
    index = MemoryNeighbours()
    for pk, one in enumerate(found[:2]):
        arrive(entry(pk, one), index, label=one.id)
    later = next(one for one in found if one.event == "mamdani-trump-meet")
    assert arrive(entry(9, later), index, label="x", window_days=30).related


def test_copies_are_never_related_and_share_what_is():
    found = [one for one in reports("heldout") if one.event == "gaza-hostages"]
    index = MemoryNeighbours()
    first = arrive(entry(0, found[0]), index, label="a")
    copy = arrive(entry(1, found[0]), index, label="b")
    assert copy.copy_of == 0
    assert copy.cluster == first.cluster
    assert 0 not in copy.related
    third = arrive(entry(2, found[1]), index, label="c")
    assert set(third.related) <= {0}


def test_an_arrival_refreshes_stored_articles_for_which_it_is_better():
    found = [one for one in reports("heldout") if one.event == "sharaa-whitehouse"]
    index = MemoryNeighbours()
    arrive(entry(0, found[0]), index, label="a")
    arrival = arrive(entry(1, found[1]), index, label="b")
    assert arrival.refreshed == {0: (1,)}
    assert [pk for pk, _ in index.get([0])[0].related] == [1]
    assert len(arrival.refreshed) <= 6


def test_a_worse_article_does_not_replace_a_better_one():
    found = [one for one in reports("heldout") if one.event == "hk-fire"]
    entries = [entry(pk, one) for pk, one in enumerate(found)]
    full = [
        entries[1].__class__(
            pk=1, print=entries[1].print, day=entries[1].day, related=((7, 9.0), (8, 9.0), (9, 9.0))
        )
    ]
    scored = scores(Comparer(entries[0], prior), full)
    assert scored
    assert refreshed(entries[0], scored) == {}
    assert pick(scored) == ((1, scored[0][1]),)


def test_articles_older_than_the_window_are_not_related():
    found = [one for one in reports("heldout") if one.event == "hk-fire"]
    old, new = found[0], found[1]
    old.published -= timedelta(days=60)
    index = MemoryNeighbours()
    arrive(entry(0, old), index, label="a")
    assert arrive(entry(1, new), index, label="b").related == ()
