"""What sites do to their guids, addresses and titles between two polls, replayed by real crawls.

Each row tells one complaint of reader users: the stories before, the stories after, and what must
hold. A story's number stands in its text, so that its article is known whatever else moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from aggregator.config import Config
from aggregator.store.engine import Store
from tests.crawling import NOW, crawl, log, records
from tests.fakes import Answer, FakeSite, Story, feed, number_in, page, paragraphs, publish, source

TITLES = (
    "افتتاح ميناء جديد للحاويات غرب الإسكندرية",
    "جامعة القاهرة تعلن نتائج القبول في كلية الهندسة",
    "انطلاق مهرجان قرطاج بمشاركة ثلاثين فيلما",
    "المنتخب يفوز على ضيفه بهدفين في تصفيات البطولة",
)


def stories(**parts: Callable[[int], str]) -> list[Story]:
    """Return four stories; ``parts`` make a field of each from its number."""
    found = []
    for number, title in enumerate(TITLES, start=1):
        made = {name: make(number) for name, make in parts.items()}
        values = {
            "number": number,
            "title": title,
            "path": f"/news/{7_100_000 + number}/story",
            "published": NOW - timedelta(hours=number, minutes=number * 7),
        }
        found.append(Story(**{**values, **made}))
    return found


def edited(title: str) -> str:
    """Return a title after its editor has been at it."""
    return title.replace("افتتاح", "رسميا.. افتتاح").replace("تعلن", "تعلن رسميا") + " اليوم"


@dataclass(frozen=True)
class Mutation:
    """Before and after; ``fresh`` are numbers that are new in ``after``."""

    name: str
    before: list[Story]
    after: list[Story]
    fresh: tuple[int, ...] = ()


def _with(found: list[Story], **changes: Callable[[Story], object]) -> list[Story]:
    return [
        replace(story, **{name: make(story) for name, make in changes.items()}) for story in found
    ]


def mutations() -> list[Mutation]:
    plain = stories(guid=lambda n: f"id-{n}")
    no_guid = stories()
    by_path = _with(no_guid, guid=lambda s: f"http://site.example{s.path}")
    gold = Story(
        21,
        "أسعار الذهب اليوم في مصر",
        "/prices/gold-20251109",
        guid="gold",
        published=NOW - timedelta(hours=26),
    )
    urgent = Story(
        31,
        "عاجل.. انفجار في العاصمة",
        "/urgent/310001",
        guid="u-1",
        published=NOW - timedelta(hours=2),
    )
    return [
        Mutation(
            "site rewrites its paths and guids follow",
            by_path,
            _with(
                by_path,
                path=lambda s: f"/archive/n{s.number}-a",
                guid=lambda s: f"http://site.example/archive/n{s.number}-a",
            ),
        ),
        Mutation(
            "guid goes from http to https",
            by_path,
            _with(by_path, guid=lambda s: f"https://site.example{s.path}"),
        ),
        Mutation(
            "A/B title changes address and guid",
            plain,
            _with(
                plain,
                title=lambda s: f"نسخة أخرى من العنوان رقم {s.number}",
                path=lambda s: f"/news/ab-variant-{s.number}-b9",
                guid=lambda s: f"ab-{s.number}",
            ),
        ),
        Mutation(
            "guid holds the headline",
            _with(plain, guid=lambda s: f"g {s.title[:20]}"),
            _with(
                plain, title=lambda s: edited(s.title), guid=lambda s: f"g {edited(s.title)[:20]}"
            ),
        ),
        Mutation("title is edited", plain, _with(plain, title=lambda s: edited(s.title))),
        Mutation(
            "address is the guid and the slug is corrected",
            by_path,
            _with(
                by_path,
                path=lambda s: f"/news/corrected-slug-{s.number}0",
                guid=lambda s: f"http://site.example/news/corrected-slug-{s.number}0",
            ),
        ),
        Mutation(
            "guids are made anew at each build",
            plain,
            _with(plain, guid=lambda s: f"build-2-{s.number * 991}"),
        ),
        Mutation(
            "generated feed adds the same posts with other guids and trackers",
            plain,
            _with(
                plain,
                guid=lambda s: f"x{s.number}",
                path=lambda s: f"{s.path}?utm_source=rss&utm_campaign=day{s.number}",
                canonical=lambda s: None,
            ),
        ),
        Mutation(
            "guid rotates while the link is stable",
            plain,
            _with(plain, guid=lambda s: f"rotated-{s.number}"),
        ),
        Mutation("guid appears where there was none", no_guid, plain),
        Mutation("guid is taken away", plain, no_guid),
        Mutation(
            "one guid for all entries",
            _with(plain, guid=lambda s: "the-feed"),
            _with(plain, guid=lambda s: "the-feed"),
        ),
        Mutation(
            "a guid is used again for another story",
            plain,
            [
                replace(
                    plain[0],
                    number=9,
                    title="زراعة القمح تتوسع في الصعيد",
                    guid="id-1",
                    path="/news/7100900/wheat",
                    text=paragraphs(9),
                    published=NOW - timedelta(minutes=5),
                ),
                *plain[1:],
            ],
            fresh=(9,),
        ),
        Mutation("an entry stands twice in the feed", [*plain, plain[0]], [*plain, plain[0]]),
        Mutation(
            "dates are bumped though nothing changed",
            plain,
            _with(plain, published=lambda s: s.published + timedelta(minutes=30)),
        ),
        Mutation(
            "guid is the position in the feed",
            _with(plain, guid=lambda s: f"pos{s.number}"),
            [
                Story(
                    8,
                    "وزارة الصحة تفتح ثلاثة مستشفيات",
                    "/news/7100800/health",
                    guid="pos1",
                    published=NOW - timedelta(minutes=3),
                ),
                *_with(plain, guid=lambda s: f"pos{s.number + 1}"),
            ],
            fresh=(8,),
        ),
        Mutation(
            "the whole site is renumbered",
            plain,
            _with(
                plain,
                path=lambda s: f"/article.php?id={90_000 + s.number}",
                guid=lambda s: f"{90_000 + s.number}",
            ),
        ),
        Mutation(
            "a daily report keeps its title",
            [gold],
            [
                replace(
                    gold,
                    number=22,
                    path="/prices/gold-20251110",
                    guid="gold2",
                    published=NOW - timedelta(hours=2),
                    text=paragraphs(22),
                )
            ],
            fresh=(22,),
        ),
        Mutation(
            "a daily report keeps title and guid",
            [gold],
            [
                replace(
                    gold,
                    number=22,
                    path="/prices/gold-20251110",
                    published=NOW - timedelta(hours=2),
                    text=paragraphs(22),
                ),
                gold,
            ],
            fresh=(22,),
        ),
        Mutation(
            "two urgent reports have one title",
            [urgent],
            [
                replace(
                    urgent,
                    number=32,
                    path="/urgent/310002",
                    guid="u-2",
                    published=NOW - timedelta(minutes=30),
                    text=paragraphs(32),
                ),
                urgent,
            ],
            fresh=(32,),
        ),
        Mutation(
            "links gain trackers",
            plain,
            _with(plain, link=lambda s: f"LINK{s.path}?utm_medium=rss&fbclid=abc{s.number}"),
        ),
        Mutation(
            "links go to the AMP form", plain, _with(plain, link=lambda s: f"LINK/amp{s.path}")
        ),
        Mutation(
            "links go to the print form",
            plain,
            _with(plain, link=lambda s: f"LINK{s.path}?print=1"),
        ),
        Mutation("links end in a slash", plain, _with(plain, link=lambda s: f"LINK{s.path}/")),
        Mutation(
            "guid is a hash of the title and the title is mended",
            _with(plain, guid=lambda s: f"h{hash(s.title) % 9973}"),
            _with(
                plain,
                title=lambda s: s.title.replace("ا", "أ", 1),
                guid=lambda s: f"h{hash(s.title + '!') % 9973}",
            ),
        ),
        Mutation(
            "body is corrected and the guid moves",
            plain,
            _with(
                plain,
                guid=lambda s: f"fixed-{s.number}",
                text=lambda s: (*s.text[:-1], "وأكد المتحدث صحة الأرقام.", s.text[-1]),
            ),
        ),
    ]


def _publish(site: FakeSite, found: list[Story], old: list[Story] | None = None) -> None:
    """Publish stories; pages of old ones that are only out of the feed stay."""
    shown = [
        replace(story, link=story.link.replace("LINK", site.url) if story.link else None)
        for story in found
    ]
    publish(site, shown)
    told = {story.number for story in shown}
    for story in old or []:
        if story.number not in told:
            site.pages[story.path] = page(site.url, story)
    for story in shown:
        bare = story.path.split("?")[0]
        for path in (bare, story.path, f"/amp{bare}", f"{bare}?print=1", f"{bare}/"):
            site.pages.setdefault(path, site.pages[story.path])
        if story.link:
            site.pages.setdefault(story.link.removeprefix(site.url), site.pages[story.path])


def _ids(store: Store) -> dict[int, str]:
    found = records(store)
    ids = {number_in(record.paragraphs): record.id for record in found}
    assert len(ids) == len(found), [record.title for record in found]
    return ids


@pytest.mark.parametrize("mutation", mutations(), ids=lambda m: m.name)
def test_mutation_keeps_one_article_with_one_id(
    mutation: Mutation, site: FakeSite, store: Store, config: Config
) -> None:
    _publish(site, mutation.before)
    assert crawl(config, store, [source(site)]).failures == []
    first = _ids(store)
    assert sorted(first) == sorted({story.number for story in mutation.before})

    _publish(site, mutation.after, mutation.before)
    assert crawl(config, store, [source(site)], now=NOW + timedelta(hours=1)).failures == []
    second = _ids(store)
    assert set(second) - set(first) == set(mutation.fresh)
    assert {number: second.get(number) for number in first} == first


def test_table_has_the_complaints_of_reader_users() -> None:
    assert len({mutation.name for mutation in mutations()}) >= 25


def test_guid_that_flips_forth_and_back_stays_one_article(
    site: FakeSite, store: Store, config: Config
) -> None:
    found = stories()
    for turn, scheme in enumerate(("http", "https", "http", "https")):
        _publish(site, _with(found, guid=lambda s, scheme=scheme: f"{scheme}://x.example{s.path}"))
        crawl(config, store, [source(site)], now=NOW + timedelta(hours=turn))
    assert len(_ids(store)) == len(TITLES)
    # what others bring to an article (related ones) may come in a later transaction
    assert {name for change in log(store) for name in change.changed} <= {"related"}


def test_site_that_moves_to_another_host_keeps_its_articles(store: Store, config: Config) -> None:
    with FakeSite("127.0.0.1") as old, FakeSite("127.0.0.2") as new:
        found = stories(guid=lambda n: f"id-{n}")
        publish(old, found)
        crawl(config, store, [source(old)])
        before = _ids(store)
        publish(new, found)
        crawl(config, store, [source(new)], now=NOW + timedelta(hours=1))
        assert _ids(store) == before


def test_old_slug_that_redirects_to_the_new_one_is_one_article(
    site: FakeSite, store: Store, config: Config
) -> None:
    found = stories(guid=lambda n: f"id-{n}")
    publish(site, found)
    crawl(config, store, [source(site)])
    before = _ids(store)
    moved = _with(
        found, path=lambda s: f"/opinion/{s.number}-new-slug", title=lambda s: edited(s.title)
    )
    publish(site, moved)
    for old, new in zip(found, moved, strict=True):
        site.pages[old.path] = Answer(status=301, headers={"Location": new.path})
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    assert _ids(store) == before


def test_a_feed_renumbered_at_once_is_not_fetched_again(
    site: FakeSite, store: Store, config: Config
) -> None:
    found = [
        Story(
            n,
            f"خبر فريد عن الموضوع رقم {n} في المدينة",
            f"/news/{7_300_000 + n}",
            guid=f"o{n}",
            published=NOW - timedelta(minutes=n),
        )
        for n in range(30)
    ]
    publish(site, found)
    crawl(config, store, [source(site)])
    before = _ids(store)
    assert len(before) == 30
    site.asked.clear()
    publish(
        site,
        _with(found, path=lambda s: f"/story/{s.number + 500}-x", guid=lambda s: f"n{s.number}"),
    )
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    assert [path for path, _ in site.asked if path.startswith("/story")] == []
    assert _ids(store) == before
    assert {change.event for change in log(store)} <= {"new", "edited"}
    assert not any("title" in change.changed for change in log(store))


def test_two_feeds_of_one_source_show_an_article_once(
    site: FakeSite, store: Store, config: Config
) -> None:
    found = stories(guid=lambda n: f"id-{n}")
    publish(site, found)
    site.pages["/sports"] = feed(site.url, _with(found[2:], guid=lambda s: f"sports {s.number}"))
    both = source(site)
    seeds = (*both.seeds, replace(both.seeds[0], url=f"{site.url}/sports"))
    crawl(config, store, [replace(both, seeds=seeds)])
    assert len(_ids(store)) == len(TITLES)
    fetched = [path for path, _ in site.asked if path.startswith("/news/")]
    assert len(fetched) == len(set(fetched))
