import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.clusters import cluster, parts
from aggregator.linkage import gather, linked
from aggregator.neighbours import MemoryNeighbours
from aggregator.terms import prior
from tests.event_cases import Report, arrive, arrive_all, as_report, bcubed, entry, pairs, reports

NOW = datetime.fromisoformat("2025-11-08T10:00:00+02:00")
KINDS = sorted({case["kind"] for case in pairs()})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "rewritten"])
def test_pairs_tell_of_one_event_or_of_two(kind):
    for case in pairs():
        if case["kind"] == kind:
            labels = cluster([as_report("a", case["a"]), as_report("b", case["b"])])
            assert (labels[0] == labels[1]) is case["same_event"], case["id"]


def test_most_reports_in_other_words_are_put_together():
    found = []
    for case in pairs():
        if case["kind"] == "rewritten":
            labels = cluster([as_report("a", case["a"]), as_report("b", case["b"])])
            found.append(labels[0] == labels[1])
    assert sum(found) / len(found) >= 0.8


SETS = {
    "tuned": ["tuned", "crowd-tuned"],
    "heldout": ["heldout", "crowd-heldout"],
    "fresh": ["fresh"],
    "world-a": ["world-a"],
    "world-b": ["world-b"],
}
SETS["all"] = [name for names in SETS.values() for name in names]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        *(("tuned", 0.91), ("heldout", 0.98), ("fresh", 0.93), ("world-a", 0.94)),
        *(("world-b", 0.94), ("all", 0.94)),
    ],
)
def test_events_over_sources_days_and_languages(name, least):
    found = reports(*SETS[name])
    assert bcubed([one.event for one in found], cluster(found)) >= least


@pytest.mark.parametrize(
    ("name", "least"),
    [
        *(("tuned", 0.91), ("heldout", 0.98), ("fresh", 0.93), ("world-a", 0.94)),
        *(("world-b", 0.95), ("all", 0.94)),
    ],
)
def test_events_as_told_at_arrival(name, least):
    found = reports(*SETS[name])
    labels, _ = arrive_all(found, MemoryNeighbours())
    assert bcubed([one.event for one in found], labels) >= least


def test_order_of_the_list_makes_no_difference():
    found = reports("heldout")
    shuffled = found[:]
    random.Random(5).shuffle(shuffled)  # noqa: S311 (order, no secret)

    def partition(some):
        groups = defaultdict(set)
        for one, label in zip(some, cluster(some), strict=True):
            groups[label].add(one.id)
        return {frozenset(group) for group in groups.values()}

    assert partition(found) == partition(shuffled)


def test_labels_are_ids_of_the_articles_of_the_event():
    found = reports("tuned")
    for one, label in zip(found, cluster(found), strict=True):
        assert label in {other.id for other in found}
        assert isinstance(one.id, str)


def test_a_label_stays_as_the_event_grows():
    found = [one for one in reports("heldout") if one.event == "gaza-resolution"]
    index = MemoryNeighbours()
    _, arrivals = arrive_all(found, index)
    assert arrivals[0].founded
    assert {one.cluster for one in arrivals} == {arrivals[0].cluster}
    assert not any(one.founded or one.merged for one in arrivals[1:])


def test_an_arrival_makes_two_clusters_one_and_names_what_moved():
    fire = [one for one in reports("heldout") if one.event == "hk-fire"]
    index = MemoryNeighbours()
    for pk, one in enumerate(fire[:3]):
        index.add([replace(entry(pk, one), cluster="old" if pk < 2 else "young")])
    arrival = arrive(entry(9, fire[0]), index, label="own")
    assert arrival.copy_of == 0 or arrival.cluster == "old"
    again = arrive(entry(8, replace(fire[3], published=fire[2].published)), index, label="own")
    if again.merged:
        assert again.merged == ("young",)
        assert again.moved == (2,)
    index.merge("old", ["young"])
    assert {one.cluster for one in index.get([0, 1, 2])} == {"old"}


def test_a_cluster_without_its_bridge_falls_apart():
    found = reports("tuned")
    mixed = [one for one in found if one.event in {"afghan-quake", "louvre-heist"}]
    stored = [replace(entry(pk, one), seen=float(pk)) for pk, one in enumerate(mixed)]
    events = [{mixed[pk].event for pk in part} for part in parts(stored, prior)]
    assert all(len(part) == 1 for part in events)
    assert events[0] == {"afghan-quake"}
    assert parts([], prior) == []


def test_one_exclusion_keeps_an_article_out():
    assert linked([5.0, -99.0], -99.0) < 0
    assert linked([], -99.0) < 0
    assert linked([3.0, 1.0, -4.0], -99.0) == 2.0


def test_the_nearest_are_gathered_first_and_one_exclusion_parts_groups():
    odds = {(1, 2): 3.0, (2, 3): 2.0, (1, 3): -99.0, (3, 4): 1.0, (5, 6): -1.0}
    home = gather(odds, lambda a, b: odds.get((a, b), -5.0), bar=0.0, never=-99.0)
    assert home[1] == home[2] != home[3] == home[4]
    assert home[5] != home[6]
    assert gather([], lambda _a, _b: 1.0, bar=0.0, never=-99.0) == {}


def test_a_large_group_asks_few_odds_of_each_member():
    asked = 0

    def odds(_a: int, _b: int) -> float:
        nonlocal asked
        asked += 1
        return 1.0

    home = gather([(at, at // 2) for at in range(1, 5000)], odds, bar=0.0, never=-99.0)
    assert len(set(home.values())) == 1
    assert asked < 60 * 5000


@pytest.mark.parametrize(
    "articles",
    [
        [Report("1", "", NOW, "عاجل"), Report("2", "", NOW, "عاجل")],
        [Report("1", "", NOW, ""), Report("2", "", NOW, "")],
        [Report("1", "", None, "عاجل"), Report("2", "", None, "عاجل", paragraphs=[""])],
        [
            Report("1", "", NOW, "أسعار الذهب اليوم"),
            Report("2", "", NOW + timedelta(days=1), "أسعار الذهب اليوم"),
        ],
    ],
    ids=["one word", "nothing", "no date", "daily title"],
)
def test_strangers_with_little_to_say_stay_apart(articles):
    assert len(set(cluster(articles))) == 2


def test_dates_may_be_text_missing_or_wrong():
    case = next(case for case in pairs() if case["kind"] == "exact")
    a, b = as_report("a", case["a"]), as_report("b", case["b"])
    a.published, b.published = case["a"]["published"], None
    assert len(set(cluster([a, b]))) == 1
    b.published = "yesterday"
    assert len(set(cluster([a, b]))) == 1
    assert cluster([]) == []


def test_an_article_from_the_future_counts_as_seen_now():
    one = reports("tuned")[0]
    late = replace(one, published=one.published + timedelta(days=4000))
    seen = one.published.timestamp()
    assert entry(1, late, seen=seen).day == entry(2, one, seen=seen).day


@pytest.mark.timeout(60)
def test_ten_thousand_equal_items_take_linear_time_and_are_one():
    one = reports("heldout")[0]
    body = [" ".join(one.paragraphs)]
    many = [Report(str(at), "", one.published, one.title, paragraphs=body) for at in range(10_000)]
    assert len(set(cluster(many))) == 1


@pytest.mark.timeout(60)
def test_ten_thousand_bare_headlines_are_not_merged_and_take_linear_time():
    many = [Report(str(at), "", NOW, f"خبر عاجل رقم {at}") for at in range(3_000)]
    assert len(set(cluster(many))) == len(many)
