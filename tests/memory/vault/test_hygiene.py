"""What keeps the memory clean: no note twice, one value of a claim, contradictions told, secrets and agents bounded."""

from typing import Any

import pytest

from talome.core.errors import Forbidden, Invalid
from talome.memory.sensitive import find_secret
from talome.memory.vault.authors import PENDING
from tests.memory.ground import ADA, AGENT, APP, BEN, Ground


async def test_the_same_text_is_kept_once_with_what_both_say(ground: Ground) -> None:
    first = await ground.keep("The key is under the mat.", tags=["door"], importance=0.3)
    again = await ground.keep("the key is  under the mat", tags=["house"], importance=0.6)
    assert (again["id"], again["deduped"], again["created"]) == (first["id"], True, False)
    assert (again["tags"], again["importance"]) == (["door", "house"], 0.6)
    other = await ground.keep("The key is under the mat.", external_source="app", external_id="1")
    assert other["created"] is True, "a record of another program is a note of its own"
    assert other["similar"] == [first["id"]]


async def test_articles_and_marks_make_no_other_note_but_order_signs_and_little_words_do(ground: Ground) -> None:
    first = await ground.keep("The garage door opens with a remote control.")
    again = await ground.keep("Garage door: opens with the remote control!", tags=["door"])
    assert (again["id"], again["deduped"], again["content"]) == (first["id"], True, first["content"])
    assert again["tags"] == ["door"]
    pairs = (
        ("Talome beats Synology.", "Synology beats Talome."),
        ("It froze at -5 degrees outside.", "It froze at 5 degrees outside."),
        ("Ada moved to Berlin in spring.", "Ada moved from Berlin in spring."),
        ("The firmware is written in C.", "The firmware is written in C++."),
    )
    for one, other in pairs:
        kept = [await ground.keep(text) for text in (one, other)]
        assert [note["deduped"] for note in kept] == [False, False], (one, other)


async def test_what_means_nearly_the_same_is_told_linked_and_put_before_a_person(ground: Ground) -> None:
    """By the table of word vectors, as installed; by words alone the two have too little in common."""
    first = await ground.keep("The kids are allergic to peanuts and walnuts.")
    await ground.keep("The washing machine leaks at the hose.")
    second = await ground.keep("Our children are allergic to walnuts and peanuts.")
    assert (second["similar"], second["conflicts"], second["created"]) == ([first["id"]], [], True)
    review = await ground.call(ADA, "memory_review.list")
    assert [(one["kind"], one["other"]["id"]) for one in review["findings"]] == [("duplicate", first["id"])]
    [link] = (await ground.call(ADA, "memory_links.list", node_id=second["id"]))["data"]
    assert (link["relation"], link["target_id"]) == ("similar_to", first["id"])
    event = await ground.keep("Our kids have an allergy to walnuts and peanuts.", kind="event")
    assert event["similar"] == [], "what happens again is nothing twice"
    other = await ground.keep("Our children are allergic to 2 things: peanuts and walnuts.", BEN)
    assert other["similar"] == [], "nobody is told of what others keep"
    await ground.call(ADA, "memory_notes.forget", id=first["id"])
    third = await ground.keep("Our children have an allergy to walnuts and peanuts.")
    assert third["similar"] == [second["id"]]


async def test_a_newer_value_of_a_claim_takes_the_place_of_the_older(ground: Ground) -> None:
    old = await ground.keep("The NAS runs Debian 11.", claim_key="nas|os")
    new = await ground.keep("The NAS runs Debian 12.", claim_key="nas|os")
    assert new["superseded"] == [old["id"]]
    assert new["conflicts"] == []
    assert await ground.found("what does the NAS run") == [new["id"]]
    assert set(await ground.found("what does the NAS run", include_history=True)) == {old["id"], new["id"]}
    shown = await ground.call(ADA, "memory_notes.get", id=old["id"])
    assert (shown["status"], shown["superseded_by"]) == ("superseded", new["id"])
    assert shown["valid_to"] is not None
    await ground.call(ADA, "memory_notes.forget", id=new["id"])
    third = await ground.keep("The NAS runs FreeBSD.", claim_key="nas|os")
    back = await ground.call(ADA, "memory_notes.restore", id=new["id"])
    assert (back["status"], back["superseded_by"]) == ("superseded", third["id"])


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("The pump of the pool runs 4 hours a day.", "The pump of the pool runs 6 hours a day.", "conflict"),
        ("Ben likes coriander.", "Ben does not like coriander.", "conflict"),
        ("The garage door opens with a remote control.", "The garage door opens by a remote control.", "duplicate"),
        ("The garage door opens with a remote control.", "The cat sleeps in the garage.", None),
        ("Backup of 2026-01-01 wrote 10 files.", "Backup of 2026-01-02 wrote 12 files.", None),
    ],
)
async def test_contradictions_and_near_duplicates_are_put_before_a_person(
    ground: Ground, one: str, other: str, kind: str | None
) -> None:
    first, second = await ground.keep(one), await ground.keep(other)
    told = {"conflict": second["conflicts"], "duplicate": second["similar"]}
    assert told == {name: [first["id"]] if name == kind else [] for name in told}
    review = await ground.call(ADA, "memory_review.list")
    assert [finding["kind"] for finding in review["findings"]] == ([kind] if kind else [])
    assert review["findings_total"] == (1 if kind else 0)
    if kind is None:
        return
    [finding] = review["findings"]
    assert (finding["note"]["id"], finding["other"]["id"]) == (second["id"], first["id"])
    settled = await ground.call(ADA, "memory_review.settle", id=finding["id"], decision="keep_note")
    assert settled["archived"] == first["id"]
    assert await ground.found(one) == [second["id"]]
    assert (await ground.call(ADA, "memory_review.list"))["findings"] == []


async def test_what_an_agent_writes_waits_is_marked_and_is_bounded(ground: Ground) -> None:
    note = await ground.keep("The boiler has a leak.", AGENT, importance=0.9, status="active")
    assert (note["status"], note["origin"], note["trusted"], note["importance"]) == ("pending", "agent", False, 0.5)
    assert await ground.found("boiler leak") == []
    pack = await ground.call(ADA, "context_packs.make", query="boiler leak")
    assert pack["memories"] == []
    for name in ("memory_review.approve", "memory_notes.verify", "memory_notes.restore"):
        with pytest.raises(Forbidden):
            await ground.call(AGENT, name, id=note["id"])
    lifted = await ground.call(AGENT, "memory_notes.change", id=note["id"], change={"status": "active"})
    assert lifted["status"] == "pending"
    approved = await ground.call(ADA, "memory_review.approve", id=note["id"])
    assert (approved["status"], approved["trusted"], approved["origin"]) == ("active", True, "agent")
    assert await ground.found("boiler leak") == [note["id"]]
    with pytest.raises(Forbidden):
        await ground.call(AGENT, "memory_notes.change", id=note["id"], change={"content": "No leak at all."})


async def test_a_rejected_proposal_is_not_made_again(ground: Ground) -> None:
    note = await ground.keep("Buy the expensive filter.", AGENT)
    await ground.call(ADA, "memory_review.reject_many", ids=[note["id"], "mem_unknown"])
    again = await ground.keep("Buy the expensive filter!", AGENT)
    assert (again["id"], again["status"], again["deduped"]) == (note["id"], "rejected", True)
    assert (await ground.call(ADA, "memory_review.list"))["pending_total"] == 0
    own = await ground.keep("Buy the expensive filter.")
    assert (own["created"], own["status"]) == (True, "active")


async def test_an_agent_never_takes_the_place_of_what_a_person_keeps(ground: Ground) -> None:
    await ground.kernel.user_settings.update({PENDING: "nobody"}, by="ada")
    mine = await ground.keep("The alarm code is with Ada.", claim_key="alarm|holder")
    theirs = await ground.keep("The alarm code is with the gardener.", AGENT, claim_key="alarm|holder")
    assert (theirs["status"], theirs["conflicts"], theirs["superseded"]) == ("pending", [mine["id"]], [])
    assert await ground.found("who has the alarm code") == [mine["id"]]


async def test_apps_are_trusted_unless_the_household_says_otherwise(ground: Ground) -> None:
    assert (await ground.keep("Seen by an app.", APP))["status"] == "active"
    assert (await ground.keep("Said by a tool.", APP, origin="tool"))["status"] == "pending"
    claimed = await ground.keep("Not a person.", AGENT, origin="person")
    assert claimed["origin"] == "agent"
    await ground.kernel.user_settings.update({PENDING: "agents and apps"}, by="ada")
    waits = await ground.keep("Seen by another app.", APP)
    assert waits["status"] == "pending"
    with pytest.raises(Forbidden):
        await ground.call(APP, "memory_review.approve", id=waits["id"])


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111", "378282246310005", "-----BEGIN RSA PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE",
        "the password is hunter2", "PASSWORD=opensesame", "https://ada:hunter22@example.org/", "ghp_" + "a1" * 18,
        "Bearer abcdefgh12345678abcdefgh", "api_key: 9f8e7d6c5b4a3f2e1d", "pass\u200bword: hunter2!",
        "pwd\uff1a hunter2",
    ],
)  # fmt: skip
def test_secrets_are_seen(text: str) -> None:
    assert find_secret(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112", "call 4915112345678", "1763870000000", "the password is required", "password: <yours>",
        "a basic understanding-of-things", "mem_01m8367xyspdt5fz8v7aqyt0k7", "https://example.org/a:b@c",
        "token: see the vault", "PASSWORD=$SECRET",
    ],
)  # fmt: skip
def test_what_only_looks_a_little_like_one_is_kept(text: str) -> None:
    assert find_secret(text) is None


async def test_a_person_may_say_that_it_is_no_secret_and_an_agent_may_not(ground: Ground) -> None:
    wish: dict[str, Any] = {"content": "The test card is 4111 1111 1111 1111."}
    with pytest.raises(Invalid, match="card number") as refused:
        await ground.keep(**wish)
    assert "4111" not in str(refused.value.details)
    with pytest.raises(Forbidden):
        await ground.keep(**wish, caller=AGENT, allow_secrets=True)
    assert (await ground.keep(**wish, allow_secrets=True))["created"] is True
    with pytest.raises(Invalid, match="key or token"):
        await ground.call(
            ADA, "memory_entities.add", entity={"type": "app", "name": "x", "description": "sk-" + "a1b2" * 6}
        )


async def test_what_nobody_confirmed_for_long_is_listed_until_somebody_does(ground: Ground) -> None:
    note = await ground.keep("The filter is changed in May.")
    lasting = await ground.keep("The filter was changed today.", kind="event")
    store = ground.memory.vault._store
    async with store.db.write() as tx:
        await tx.execute("UPDATE notes SET updated_at = 0")
    review = await ground.call(ADA, "memory_review.list")
    assert [one["id"] for one in review["stale"]] == [note["id"]]
    assert lasting["id"] not in str(review["stale"])
    await ground.call(ADA, "memory_notes.verify", id=note["id"])
    assert (await ground.call(ADA, "memory_review.list"))["stale_total"] == 0
