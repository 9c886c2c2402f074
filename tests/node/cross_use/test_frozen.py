"""Who is in a sketch, who is counted, and what becomes of the list: rotation, imports anew, older stores, the years.

About half a minute: every test imports files into stores of its own.
"""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from node.errors import ImportRefused
from node.home import write_private
from node.membership.errors import RosterRefused
from node.release.make_sketch import ListLost, OtherIdentity
from node.store import rotate
from node.store.database import opened
from node.store.frozen import bind, countable_now, forget_gone, forget_old, freeze, frozen, sketched, take_along
from node.store.identity import epoch_of
from privacy.bounds.windows import year_before
from privacy.catalogue import dimensions
from privacy.identity.chain import KeyChain
from privacy.identity.match import IdentityKey
from privacy.studies.cross_use import PARTITIONS
from tests.node.cross_use.house import (
    BUCKETS,
    CHAIN,
    EPOCH,
    LAST,
    NOW,
    STUDY,
    WINDOW,
    Member,
    Post,
    counted_by,
    join,
    later,
    market,
    open_round,
    people,
    sales,
)
from tests.node.store.older import WITH_WORDS

OTHER = KeyChain((IdentityKey(b"\x09" * 32),))


@pytest.fixture
def alpha(tmp_path: Path) -> Member:
    return join(tmp_path, Post(), "alpha")


def froze(member: Member, chain: KeyChain = CHAIN) -> int:
    """Freezes a list, and tells how many are in it."""
    with opened(member.home) as connection:
        freeze(connection, chain, EPOCH, WINDOW, BUCKETS)
        return sketched(connection, EPOCH).size


def listed(member: Member) -> dict[bytes, int]:
    """The list as it lies in the table: the bucket of each match id."""
    with opened(member.home) as connection:
        rows = connection.execute("SELECT match_id, bucket FROM frozen WHERE epoch = ?", [EPOCH]).fetchall()
    return {bytes(match_id): bucket for match_id, bucket in rows}


def digest_in(member: Member) -> str | None:
    """Of which sketch the list is."""
    with opened(member.home) as connection:
        found = frozen(connection, EPOCH)
    assert found is not None
    return found.sketch_digest


def kept(member: Member) -> int:
    """How many match ids the pages of the list's table hold, whether their rows were deleted or not."""
    held = "SELECT sum(count) FROM pragma_storage_info('frozen') WHERE column_name = 'match_id'"
    with opened(member.home) as connection:
        rows = connection.execute(f"{held} AND segment_type <> 'VALIDITY'").fetchall()
    return int(rows[0][0])


def counted(member: Member, partition: str = "county") -> dict[str, int]:
    """Who of the list is counted now, by group."""
    dimension = PARTITIONS[partition]
    with opened(member.home) as connection:
        buckets, groups = countable_now(connection, EPOCH, dimension)
    assert buckets.size == groups.size
    found = np.bincount(groups, minlength=len(dimension.categories))
    return {name: int(many) for name, many in zip(dimension.categories, found, strict=True) if many}


def test_the_list_has_identified_customers_of_the_window_and_nobody_else(alpha: Member) -> None:
    before = WINDOW.first - timedelta(days=1)
    alpha.sells(
        sales(*people(1, 2))
        + sales(*people(3), objects="true")
        + sales(*people(4), day=before)
        + sales("billett@fjordteatret.no")
        + f"anonymous,1,{LAST}T12:00:00+00:00,E1,Ordinær,1,100.00,web,paid,,,\n"
        + f"back,1,{LAST}T12:00:00+00:00,E1,Ordinær,1,100.00,web,paid,{people(5)[0]},,\n"
        + f"back,2,{LAST}T12:00:00+00:00,E1,Ordinær,-1,-100.00,web,returned,{people(5)[0]},,\n"
    )
    assert froze(alpha) == 2


def test_a_household_is_one_and_somebody_with_two_addresses_is_two(alpha: Member) -> None:
    """By the identifier alone: docs/institution.md says so."""
    home = "familien@example.no"
    rows = "".join(
        f"h{number},1,{LAST}T12:00:00+00:00,E1,Ordinær,1,100.00,web,paid,{home},5003,\n" for number in range(3)
    )
    alpha.sells(rows + sales("kari@example.no", "kari.privat@example.no"))
    assert froze(alpha) == 3
    assert counted(alpha, "frequency_band") == {"1": 2, "2-4": 1}


def test_a_placeholder_address_is_nobody_however_much_is_sold_under_it(alpha: Member) -> None:
    alpha.sells(sales("post@fjordteatret.no", "billett@fjordteatret.no"))
    assert froze(alpha) == 0
    assert counted(alpha) == {}


def test_every_partition_divides_everybody(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2)) + sales(*people(3), postcode="0150") + sales(*people(4), postcode=""))
    assert froze(alpha) == 4
    assert counted(alpha) == {"46": 2, "03": 1, "unknown": 1}
    for name in PARTITIONS:
        assert sum(counted(alpha, name).values()) == 4
    assert counted(alpha, "age_band") == counted(alpha, "segment") == {"unknown": 4}
    with opened(alpha.home) as connection, pytest.raises(ValueError, match="no list has"):
        countable_now(connection, EPOCH, dimensions.GENDER)


def test_who_objects_or_is_erased_is_counted_no_more_and_who_is_new_not_yet(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2, 3)))
    froze(alpha)
    alpha.sells(sales(*people(1), objects="true") + sales(*people(9)))
    assert counted(alpha) == {"46": 2}
    alpha.sells(sales(*people(2, 9)), anew=True)  # the export from which somebody was erased
    assert counted(alpha) == {"46": 1}
    alpha.sells(sales(*people(1, 2, 3)))  # and who was erased and is there again is in the next year's list
    assert counted(alpha) == {"46": 1}


def test_who_takes_an_objection_back_is_counted_again(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2), objects="false"))
    froze(alpha)
    alpha.sells(sales(*people(1), objects="true", day=LAST - timedelta(days=1)))
    assert counted(alpha) == {"46": 1}
    assert len(listed(alpha)) == 2
    alpha.sells(sales(*people(1), objects="false", day=LAST - timedelta(days=2)))
    assert counted(alpha) == {"46": 2}


def test_nothing_of_who_is_erased_stays_in_the_list(alpha: Member) -> None:
    alpha.sells(sales(*people(*range(50))))
    froze(alpha)
    before = listed(alpha)
    alpha.sells(sales(*people(*range(49))))
    assert listed(alpha) == before  # nobody is gone who is merely not in the newest file
    heard = alpha.sells(sales(*people(*range(10)), objects="true") + sales(*people(*range(10, 49))), anew=True)
    (gone,) = set(before.items()) - set(listed(alpha).items())
    assert set(listed(alpha).items()) == set(before.items()) - {gone}
    assert sum("who are in the store no more: 1." in line for line in heard) == 1
    assert kept(alpha) == 49  # nor in the pages of the table, beside those who stay
    alpha.sells(sales(*people(*range(10))), anew=True)
    assert len(listed(alpha)) == 10


def test_an_import_that_fails_takes_nobody_out(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2)))
    froze(alpha)
    with pytest.raises(ImportRefused):
        alpha.sells("no,rows,at all\n" * 9, anew=True)
    assert len(listed(alpha)) == 2


def test_a_count_takes_out_who_is_gone(tmp_path: Path) -> None:
    members = market(tmp_path, "alpha", "beta")
    for member in members:
        member.sells(sales(*people(1, 2, 3)))
        member.answer()
    alpha = members[0]
    with opened(alpha.home) as connection:  # as by a way of erasing that is not an import
        connection.execute("DELETE FROM customers WHERE unit = (SELECT max(unit) FROM customers)")
    alpha.post.make_market()
    alpha.answer()
    assert len(listed(alpha)) == 2
    with opened(alpha.home) as connection:
        assert forget_gone(connection) == 0


def test_the_list_keeps_what_its_customers_were(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    froze(alpha)
    alpha.sells(sales(*people(1), postcode="0150", day=LAST - timedelta(days=1)))
    assert counted(alpha) == {"46": 1}
    assert counted(alpha, "frequency_band") == {"1": 1}


def test_an_erased_customer_leaves_the_count_that_is_booked(tmp_path: Path) -> None:
    members = market(tmp_path, "alpha", "beta")
    many = people(*range(2000))
    for member in members:
        member.sells(sales(*many))
        member.answer()
    members[0].sells(sales(*many[:500]), anew=True)
    members[0].post.make_market()
    members[0].answer()
    size, *_ = counted_by(members[0]).cells
    assert abs(size - 500) < 12 * 15  # twelve standard deviations


def test_a_rotation_takes_the_list_along_and_leaves_the_buckets(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2)))
    froze(alpha)
    with opened(alpha.home) as connection:
        before = sketched(connection, EPOCH).tolist()
    longer = later(later())
    write_private(alpha.home.identity_key_file, longer.private_bytes())
    assert rotate.rotate(alpha.home) == 2
    assert counted(alpha) == {"46": 2}
    with opened(alpha.home) as connection:
        found = frozen(connection, EPOCH)
        assert sketched(connection, EPOCH).tolist() == before
    assert found is not None
    assert (found.commitment, found.identity_epoch) == (CHAIN.commitment(), 0)
    assert rotate.rotate(alpha.home) == 0
    alpha.sells(sales(*people(3)))
    assert counted(alpha) == {"46": 2}


def test_anew_under_a_later_key_takes_the_list_along(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2)))
    froze(alpha)
    write_private(alpha.home.identity_key_file, later().private_bytes())
    alpha.sells(sales(*people(1, 2)), anew=True)
    assert counted(alpha) == {"46": 2}


def test_anew_under_another_key_loses_the_list_and_there_is_no_second_sketch(tmp_path: Path) -> None:
    members = market(tmp_path, "alpha", "beta")
    alpha = members[0]
    for member in members:
        member.sells(sales(*people(1, 2)))
        member.answer()
    alpha.post.make_market()
    write_private(alpha.home.identity_key_file, OTHER.private_bytes())
    alpha.sells(sales(*people(1, 2)), anew=True)
    with pytest.raises(RosterRefused, match="another identity key"):
        alpha.answer()
    write_private(alpha.home.identity_key_file, CHAIN.private_bytes())
    alpha.sells(sales(*people(1, 2)), anew=True)
    with pytest.raises(ListLost, match="again with the next year's sketch"):
        alpha.answer()
    open_round(alpha.post, members, "second")
    with pytest.raises(ListLost):
        alpha.answer("second")
    assert [entry.study for entry in alpha.spent()] == ["sketch"]
    assert ListLost.reason == "SKETCH_LIST_LOST"


def test_a_sketch_of_an_earlier_key_is_not_handed_out(tmp_path: Path) -> None:
    members = market(tmp_path, "alpha", "beta")
    alpha = members[0]
    alpha.sells(sales(*people(1, 2)))
    alpha.answer()
    write_private(alpha.home.identity_key_file, later().private_bytes())
    rotate.rotate(alpha.home)
    open_round(alpha.post, members, "second")
    with pytest.raises(RosterRefused, match="earlier identity key"):
        alpha.answer("second")
    for member in members:
        member.publish(later())
    open_round(alpha.post, members, "third", chain=later())
    with pytest.raises(OtherIdentity, match="takes part again"):
        alpha.answer("third")
    assert ("third", "alpha") not in alpha.post.sketches


def test_counts_go_on_where_the_key_is_replaced_between_sketch_and_count(tmp_path: Path) -> None:
    members = market(tmp_path, "alpha", "beta")
    for member in members:
        member.sells(sales(*people(1, 2)))
        member.answer()
    alpha = members[0]
    alpha.post.make_market()
    write_private(alpha.home.identity_key_file, later().private_bytes())
    rotate.rotate(alpha.home)
    alpha.answer()
    assert [peer.status for peer in counted_by(alpha).peers] == ["COUNTED"]


def test_a_store_filled_under_another_key_is_not_sketched(tmp_path: Path) -> None:
    (alpha,) = market(tmp_path, "alpha")
    write_private(alpha.home.identity_key_file, OTHER.private_bytes())
    alpha.sells(sales(*people(1)))
    write_private(alpha.home.identity_key_file, CHAIN.private_bytes())
    with pytest.raises(OtherIdentity, match="--anew"):
        alpha.answer()
    assert alpha.spent() == []


def test_a_freeze_without_a_sketch_is_made_anew(tmp_path: Path) -> None:
    """As after a process that was killed between the two: nothing was spent, and who has come since is in it."""
    members = market(tmp_path, "alpha", "beta")
    alpha = members[0]
    alpha.sells(sales(*people(1)))
    froze(alpha)
    alpha.sells(sales(*people(2)))
    alpha.answer()
    with opened(alpha.home) as connection:
        assert sketched(connection, EPOCH).size == 2
    alpha.sells(sales(*people(3)))
    alpha.answer()
    with opened(alpha.home) as connection:
        assert sketched(connection, EPOCH).size == 2


def test_the_list_of_other_months_than_the_sketch_is_not_its_list(tmp_path: Path) -> None:
    """As in a store that was restored from before the sketch."""
    members = market(tmp_path, "alpha", "beta")
    for member in members:
        member.answer()
    alpha = members[0]
    alpha.post.make_market()
    with opened(alpha.home) as connection:
        freeze(connection, CHAIN, EPOCH, year_before(WINDOW), BUCKETS)
    with pytest.raises(ListLost):
        alpha.answer()


def test_the_list_of_another_sketch_of_the_same_months_is_not_its_list(tmp_path: Path) -> None:
    """As of a sketch that was never paid for, in a store that was restored from between."""
    members = market(tmp_path, "alpha", "beta")
    alpha = members[0]
    froze(alpha)
    assert digest_in(alpha) is None
    for member in members:
        member.answer()
    alpha.post.make_market()
    (entry,) = alpha.spent()
    assert digest_in(alpha) == entry.release_digest
    for digest in (f"sha256:{'0' * 64}", None):
        froze(alpha)
        if digest is not None:
            with opened(alpha.home) as connection:
                bind(connection, EPOCH, digest)
        with pytest.raises(ListLost):
            alpha.answer()
    assert alpha.spent() == [entry]


def test_a_list_is_of_its_sketch_before_that_is_paid_for(alpha: Member) -> None:
    """A process that is killed in between leaves a list of a sketch that nobody has: it is frozen anew."""
    alpha.sells(sales(*people(1)))
    open_round(alpha.post, [alpha])
    froze(alpha)
    with opened(alpha.home) as connection:
        bind(connection, EPOCH, f"sha256:{'0' * 64}")
    alpha.answer()
    (entry,) = alpha.spent()
    assert digest_in(alpha) == entry.release_digest


def test_lists_go_when_nobody_can_ask_for_them_any_more(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    with opened(alpha.home) as connection:
        for back in (0, 1, 2):
            freeze(connection, CHAIN, str(NOW.year - back), WINDOW, BUCKETS)
        forget_old(connection, NOW.year)
        assert [frozen(connection, str(NOW.year - back)) is not None for back in (0, 1, 2)] == [True, True, False]
    alpha.sells(sales(*people(2)))
    with opened(alpha.home) as connection:
        assert sketched(connection, str(NOW.year - 1)).size == 1


def test_a_store_of_the_version_before_gets_the_tables(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    with opened(alpha.home) as connection:
        connection.execute(WITH_WORDS)
        connection.execute("DROP TABLE frozen")
        connection.execute("DROP TABLE freezes")
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    assert froze(alpha) == 1
    with opened(alpha.home) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall() == [("4",)]


def test_an_epoch_is_told_by_its_commitment(alpha: Member) -> None:
    assert epoch_of(CHAIN.commitment(), later()) == 0
    assert epoch_of(later().commitment(), later()) == 1
    assert epoch_of(later().commitment(), CHAIN) is None
    with opened(alpha.home) as connection:
        take_along(connection, CHAIN, lambda _text: None)  # nothing to take
    assert STUDY.partition is PARTITIONS["county"]
