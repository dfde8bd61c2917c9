"""Invite codes, and joining with nobody else there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.envelope import parse, verify
from sync.errors import Malformed, NewerFormat, Refused
from sync.grants import open_grants
from sync.invite import InviteCode, MadeInvite, check_log, join_project, make_invite, parse_code
from sync.keys import SigningKey
from sync.membership import Decision, Membership, Role
from sync.membership_actions import RecoveryPublic
from tests.sync.crew import Crew

URL = "https://sitebook.example.org:8750/site"


def made(crew: Crew, role: Role = Role.EDITOR, *, next_device: bool = False) -> MadeInvite:
    founder = crew.founder
    return make_invite(
        membership=founder.membership,
        identity=founder.identity,
        seq=founder.seq + 1,
        prev=founder.prev,
        keys=(crew.key,),
        role=role,
        expires_ms=1_900_000_000_000,
        next_device=next_device,
        server=URL,
        random=crew.random.randbytes,
    )


class TestCode:
    @given(
        st.binary(min_size=16, max_size=32),
        st.binary(min_size=32, max_size=32),
        st.binary(min_size=32, max_size=32),
        st.text(max_size=100),
        st.none() | st.binary(min_size=32, max_size=32),
    )
    def test_comes_back(
        self, seed: bytes, project: bytes, invite: bytes, server: str, certificate: bytes | None
    ) -> None:
        code = InviteCode(seed, project, invite, server, certificate)
        again = parse_code(code.text())
        assert again == code
        assert again.signing.public == code.signing.public
        assert again.heads == (invite,)

    def test_is_compact_and_without_ambiguous_letters(self) -> None:
        text = InviteCode(bytes(24), bytes(32), bytes(32), URL).text()
        assert text.startswith("SB1-")
        assert len(text) < 240
        assert not set("ILOU") & set(text[4:])
        assert " " not in text

    def test_case_spaces_line_ends_and_hyphens_do_not_matter(self) -> None:
        code = InviteCode(bytes(range(24)), b"p" * 32, b"i" * 32, URL, b"c" * 32)
        text = code.text()
        lines = "SB1-" + "-\n  ".join(text[at : at + 11] for at in range(4, len(text), 11))
        for other in (
            text.lower(),
            f"  {text}\r\n",
            lines,
            text.replace("SB1-", "sb1\N{EN DASH}"),
            text[:4] + text[4:].replace("0", "O").replace("1", "l"),
        ):
            assert parse_code(other) == code

    def test_every_typing_error_is_found(self) -> None:
        text = InviteCode(bytes(range(24)), b"p" * 32, b"i" * 32, URL).text()
        for at in range(4, len(text)):
            letter = "7" if text[at] != "7" else "8"
            for wrong in (
                text[:at] + letter + text[at + 1 :],
                text[:at] + text[at + 1 :],
                text[:at] + letter + text[at:],
                text[:at],
            ):
                with pytest.raises(Malformed, match=r"typing error or is not complete; copy it again"):
                    parse_code(wrong)

    @pytest.mark.parametrize("text", ["", "hello", "SB1", "SB-", "1", "https://x", "SB1x-AAAA", "\0", "Ａ"])
    def test_what_is_no_code(self, text: str) -> None:
        with pytest.raises(Malformed, match="begins with SB1-"):
            parse_code(text)

    def test_newer_code(self) -> None:
        with pytest.raises(NewerFormat, match="update"):
            parse_code("SB2-ANYTHING")

    def test_too_long(self) -> None:
        with pytest.raises(Malformed):
            parse_code("SB1-" + "A" * 5000)

    @given(st.text(max_size=300))
    def test_any_text(self, text: str) -> None:
        for typed in (text, "SB1-" + text):
            with pytest.raises((Malformed, NewerFormat)):
                parse_code(typed)

    def test_shows_no_secret(self) -> None:
        code = InviteCode(b"\xaa" * 24, b"p" * 32, b"i" * 32, URL)
        assert "xaa" not in repr(code)
        assert "SB1" not in repr(code)

    def test_keys_follow_from_seed_and_project(self) -> None:
        code = InviteCode(bytes(24), b"p" * 32, b"i" * 32, "")
        same = InviteCode(bytes(24), b"p" * 32, b"j" * 32, URL)
        other = InviteCode(bytes(24), b"q" * 32, b"i" * 32, "")
        assert code.signing.public == same.signing.public != other.signing.public
        assert code.recipient == same.recipient != other.recipient


class TestJoin:
    @pytest.mark.parametrize("next_device", [False, True])
    def test_from_the_code_alone(self, next_device: bool) -> None:
        crew = Crew()
        invite = made(crew, next_device=next_device)
        crew.founder.keep(invite.envelope)
        code = parse_code(invite.code.text())
        assert code.server == URL
        # What a server gives: the log in any order, and the grants that lie for the invite.
        log = Membership(code.project)
        log.load(parse(envelope.wire()) for envelope in reversed(crew.all))
        check_log(code, log)
        assert open_grants(invite.grants, code.kem, log) == (crew.key,)
        recovery = RecoveryPublic(SigningKey(bytes(32)).public, code.kem.public)
        joined = join_project(code=code, membership=log, random=crew.random.randbytes, recovery=recovery)
        again = parse(joined.envelope.wire())
        verify(again)
        assert again.header.seq == 1
        assert crew.founder.membership.add(again).decision is Decision.ACCEPT
        member = crew.founder.membership.member_of(joined.identity.device)
        assert member is not None
        assert member.id == joined.identity.member == (crew.project if next_device else again.hash)
        assert member.role is (Role.OWNER if next_device else Role.EDITOR)
        assert SigningKey(bytes(32)).public in {device.device for device in member.devices if device.recovery}

    def test_server_without_the_project(self) -> None:
        crew, other = Crew(1), Crew(2)
        code = made(crew).code
        for membership in (Membership(code.project), other.founder.membership):
            with pytest.raises(Refused, match="does not have this project"):
                check_log(code, membership)

    def test_server_that_withholds_the_invite(self) -> None:
        crew = Crew()
        with pytest.raises(Refused, match="withholds"):
            check_log(made(crew).code, crew.founder.membership)

    def test_cancelled(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        crew.founder.cancel(code)
        with pytest.raises(Refused, match="cancelled"):
            join_project(code=code, membership=crew.founder.membership, random=crew.random.randbytes)

    def test_seed_of_another_invite(self) -> None:
        crew = Crew()
        one, two = crew.founder.invite(Role.VIEWER), crew.founder.invite(Role.OWNER)
        mixed = InviteCode(one.seed, crew.project, two.invite, "")
        with pytest.raises(Refused, match="does not fit"):
            check_log(mixed, crew.founder.membership)
        nothing = InviteCode(one.seed, crew.project, crew.project, "")
        with pytest.raises(Refused):
            check_log(nothing, crew.founder.membership)

    def test_long_address_is_our_own_mistake(self) -> None:
        crew = Crew()
        with pytest.raises(ValueError, match="too long"):
            make_invite(
                membership=crew.founder.membership,
                identity=crew.founder.identity,
                seq=2,
                prev=crew.founder.prev,
                keys=(),
                role=Role.EDITOR,
                expires_ms=None,
                next_device=False,
                server="x" * 501,
                random=crew.random.randbytes,
            )
