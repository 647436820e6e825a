"""Which entries of a poll are taken."""

import pickle
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aggregator import announcing
from aggregator.types import Entry, Image, Moment, Seed, Source

SOURCE = Source(
    id="x",
    name="س",
    homepage="https://x.example/",
    country="EG",
    language="ar",
    seeds=(Seed(kind="feed", url="https://x.example/feed"),),
)
AT = datetime(2025, 11, 10, tzinfo=UTC)


@dataclass
class Known:
    announced: str
    state: str = "stored"


def entries(*numbers: int, title: str = "خبر رقم") -> list[Entry]:
    return [Entry(url=f"https://x.example/a/{n}", title=f"{title} {n}") for n in numbers]


def test_unknown_and_moved_entries_are_taken() -> None:
    first = announcing.keyed(entries(3, 2, 1), SOURCE)
    seen = {each.key: Known(each.says) for each in first[1:]}
    plan = announcing.plan(first, seen)
    assert [each.entry.title for each in plan.take] == ["خبر رقم 3"]
    assert plan.new == 1
    edited = announcing.keyed([*entries(3), *entries(2, title="عنوان معدل"), *entries(1)], SOURCE)
    plan = announcing.plan(edited, {each.key: Known(each.says) for each in first})
    assert [each.entry.title for each in plan.take] == ["عنوان معدل 2"]
    assert plan.new == 0


def test_an_entry_in_the_queue_is_not_taken_twice() -> None:
    found = announcing.keyed(entries(1), SOURCE)
    assert not announcing.plan(found, {found[0].key: Known("other", state="pending")}).take


def test_a_repeated_entry_counts_once() -> None:
    assert len(announcing.keyed(entries(1, 1, 2), SOURCE)) == 2


def test_a_guid_of_several_entries_is_named() -> None:
    same = [Entry(url=f"https://x.example/{n}", title="t", guid="g") for n in range(3)]
    assert announcing.plan(announcing.keyed(same, SOURCE), {}).shared_guids == {"g"}


def test_an_entry_that_aged_out_has_not_vanished() -> None:
    assert announcing.vanished("abcde", "xabcd") == ()
    assert announcing.vanished("abcde", "xacd") == ("b",)
    assert announcing.vanished("abcde", "xyz") == ()


def test_only_a_long_uncut_text_is_whole() -> None:
    moment = Moment(value=AT, precision="minute", origin="feed")
    whole = Entry(url="https://x.example/1", title="t", html="<p>نص</p>", published=moment)
    assert announcing.is_whole(whole, SOURCE, letters=900)
    assert not announcing.is_whole(whole, SOURCE, letters=90)
    cut = Entry(url="https://x.example/1", title="t", html="<p>نص…</p>", published=moment)
    assert not announcing.is_whole(cut, SOURCE, letters=900)


@given(
    st.builds(
        Entry,
        url=st.none() | st.just("https://x.example/1"),
        guid=st.none() | st.text(),
        title=st.none() | st.text(),
        html=st.none() | st.text(),
        published=st.none() | st.just(Moment(value=AT, precision="day", origin="feed")),
        authors=st.lists(st.text(), max_size=2).map(tuple),
        images=st.just((Image(url="https://x.example/i.jpg", width=3),)),
        position=st.integers(0, 9),
    )
)
def test_an_entry_survives_the_queue(entry: Entry) -> None:
    assert announcing.load_entry(announcing.dump_entry(entry)) == entry


def test_an_announced_entry_travels_as_text_and_is_the_same_entry() -> None:
    moment = Moment(value=AT, precision="minute", origin="feed")
    whole = replace(entries(1)[0], guid="g", html="<p>نص</p>" * 99, published=moment)
    found = announcing.keyed([whole, *entries(2)], SOURCE)
    came = pickle.loads(pickle.dumps(found))  # noqa: S301 -- our own
    assert came == found
    assert [each.entry for each in came] == [whole, *entries(2)]
    assert [each.whole for each in came] == [True, False]
