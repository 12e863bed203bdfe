"""Failover, the commit point, cut streams and time, in literals: no sockets, no clock.

The fake translation passes bytes through. Its stream's little language: `text` is content, `[...]` is not (held back),
`!kind` is an error event, `.` is the end.
"""

import itertools
import json
from collections.abc import Iterable

import pytest

from generated import canonical as c
from runtime.core import context, own_answers, translate
from runtime.core import exchange as x
from runtime.core.account import Account
from runtime.core.exchange import Broken, Data, End, Exchange, Head, Played, Settings, Start, State, Timer
from runtime.core.outcome import Verdict
from runtime.core.pool import Acquired, Ask, Lack, Pool, Refused
from runtime.core.route import Route

CLIENT = "openai-chat"
SSE = {"content-type": "text/event-stream"}
KEY = b"sk-secret"


class FakeStream:
    def __init__(self):
        self.content = self.ended = False
        self.failure = self.usage = None

    def arriving(self, kind: str) -> bool:
        return False

    def feed(self, data: bytes) -> bytes:
        if data.startswith(b"!"):
            self.failure = c.Error(kind=data[1:].decode(), message=f"said in the stream about {KEY.decode()}")
            return b""
        if data == b".":
            self.ended = True
            self.usage = c.Usage(output=1)
        self.content |= not data.startswith((b"[", b"."))
        return data

    def events(self, events: list) -> bytes:
        return self.feed(b"".join(events))

    def whole(self, body: bytes) -> bytes:
        if body == b"{}":
            raise translate.BadAnswer(c.Error(kind="internal", message="no answer"))
        self.content = self.ended = True
        return b"unfolded " + body

    def eof(self) -> bytes:
        if not self.ended:
            self.failure = c.Error(kind="truncated", message="cut")
        return b""

    def fail(self, error: c.Error) -> bytes:
        return f"<{error.kind}: {error.message}>".encode()


class FakeCollector(FakeStream):
    def __init__(self):
        super().__init__()
        self.seen = b""

    def feed(self, data: bytes) -> bytes:
        self.seen += super().feed(data)
        return b""

    def answer(self) -> bytes:
        return b"folded " + self.seen


class FakeTranslation:
    usage = None

    def __init__(self, account: Account, dialect: str, model: str):
        self.account, self.dialect, self.model = account, dialect, model
        self.losses = []

    def request(self, body: bytes) -> bytes:
        if self.dialect == "cannot-say":
            raise translate.Refused(c.Error(kind="invalid_request", message="it cannot say `seed`", status=400))
        if self.dialect == "wants-links" and "https://a.example/b" not in self.fetched:
            raise translate.Wanted(["https://a.example/b"])
        return b"%s for %s" % (body, self.dialect.encode())

    def answer(self, body: bytes) -> bytes:
        if not body.startswith(b"{"):
            raise translate.BadAnswer(c.Error(kind="internal", message="no answer", status=502))
        return b"translated " + body

    def answer_events(self, events: list) -> bytes:
        return b"".join(events)

    def error(self, status: int, headers, body: bytes) -> c.Error:
        kinds = {400: "invalid_request", 401: "authentication", 404: "not_found", 429: "rate_limit", 503: "overloaded"}
        return c.Error(kind=kinds.get(status, "internal"), message=body.decode(), status=status)

    def stream(self) -> FakeStream:
        return FakeStream()

    def collect(self) -> FakeCollector:
        return FakeCollector()


class Play:
    """An exchange, a pool for each of its route's names, and the commands that came out."""

    def __init__(
        self, accounts: Iterable[Account | str] = ("a",), *, stream=False, fallback=(), chance=1.0, **settings
    ):
        self.now = 1000.0
        self.pools = {"main": [*accounts], **{name: [name] for name in fallback}}
        self.pools = {
            name: Pool(name, [a if isinstance(a, Account) else Account(a, "p", (CLIENT,)) for a in accounts])
            for name, accounts in self.pools.items()
        }
        self.translations = []
        settings = Settings(**settings)
        self.exchange = Exchange(
            client=CLIENT,
            stream=stream,
            body=b"body",
            route=Route(tuple(self.pools), "m"),
            translate=self._translate,
            settings={name: settings for name in self.pools},
            chance=lambda: 1 - chance,
            conceal=lambda text: text.replace(KEY, b"[key]"),
            now=self.now,
        )
        self.waiting: Ask | None = None
        self.opened: list[str] = []
        self.closed = 0
        self.out: list[x.Command] = []  # what the client sees
        self.verdicts: list[tuple[str, Verdict]] = []
        self.tell(Start())

    def _translate(self, account, dialect, model):
        self.translations.append(FakeTranslation(account, dialect, model))
        return self.translations[-1]

    def tell(self, *events: x.Event) -> "Play":
        for event in events:
            commands = self.exchange.receive(event, self.now)
            for n, command in enumerate(commands):
                match command:
                    case x.Acquire(pool, ask):
                        assert n == len(commands) - 1, "nothing may follow a question that is answered at once"
                        self.waiting = ask
                        answer = self.pools[pool].choose(ask, self.now)
                        if answer is not None:
                            self.tell(answer)
                    case x.Withdraw(pool, ask):
                        self.pools[pool].withdraw(ask)
                    case x.Open(_, account, _, _):
                        self.opened.append(account.name)
                    case x.CloseUpstream():
                        self.closed += 1
                    case x.Release(pool, lease, verdict, used, latency):
                        self.verdicts.append((lease.account, verdict))
                        self.pools[pool].report(lease, verdict, self.now, used, latency)
                    case _:
                        self.out.append(command)
        return self

    def after(self, seconds: float) -> "Play":
        """Lets time pass; the pool first, then the exchange's own timer at each moment that it asks for."""
        end = self.now + seconds
        while not self.exchange.done:
            wakes = [pool.wake(self.now) for pool in self.pools.values()]
            due = min([self.exchange.wake, *(wake for wake in wakes if wake is not None)])
            if due > end:
                break
            self.now = max(due, self.now)
            for pool in self.pools.values():
                for _, answer in pool.settle(self.now):
                    self.tell(answer)
            if not self.exchange.done and self.exchange.wake <= self.now:
                self.tell(Timer())
        self.now = end
        return self

    def refuse(self, status: int, body: bytes = b"vendor's words", **headers: str) -> "Play":
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.tell(Head(status, headers), Data(body), End())

    @property
    def answer(self) -> x.Answer:
        assert self.exchange.done
        (answer,) = self.out
        return answer

    @property
    def message(self) -> str:
        return json.loads(self.answer.body)["error"]["message"]

    @property
    def text(self) -> bytes:
        return b"".join(command.data for command in self.out if isinstance(command, x.Send))

    def outcomes(self) -> list[tuple[str, str]]:
        return [(name, verdict.outcome.value) for name, verdict in self.verdicts]


# -- whole answers


def test_a_whole_answer():
    play = Play().tell(Head(200, {"content-type": "application/json"}), Data(b"{"), Data(b"}"), End())
    assert play.answer == x.Answer(200, {"content-type": "application/json"}, b"translated {}")
    assert play.outcomes() == [("a", "ok")]


def test_a_stream_that_nobody_asked_for_is_folded():
    play = Play().tell(Head(200, SSE), Data(b"Hel"), Data(b"lo"), Data(b"."), End())
    assert play.answer.body == b"folded Hello."
    assert play.exchange.usage == c.Usage(output=1)


def test_a_bad_request_is_answered_at_once():
    play = Play("abc").refuse(400, b"roles must alternate")
    assert (play.answer.status, play.message, play.opened) == (400, "roles must alternate", ["a"])
    assert play.outcomes() == [("a", "request")]
    assert "retry-after" not in play.answer.headers


@pytest.mark.parametrize(("status", "outcome"), [(429, "rate"), (401, "credential")])
def test_an_accounts_failure_moves_on_at_once(status, outcome):
    play = Play("abc", retries=0).refuse(status).refuse(status).tell(Head(200, {}), Data(b"{}"), End())
    assert (play.answer.status, play.now) == (200, 1000.0)
    assert play.outcomes() == [("a", outcome), ("b", outcome), ("c", "ok")]


def test_an_unknown_model_is_asked_of_every_account_once():
    play = Play("ab").refuse(404, b"model m does not exist").refuse(404, b"model m is not here")
    assert (play.answer.status, play.message, play.opened) == (404, "model m is not here", ["a", "b"])


def test_the_failure_that_tells_most_is_answered():
    play = Play("ab").refuse(429, b"slow down", retry_after="60").refuse(401, b"bad key")
    assert (play.answer.status, play.message) == (429, "slow down")
    assert play.answer.headers["retry-after"] == "60"


def test_a_short_rest_is_waited_for():
    play = Play().refuse(429, retry_after="2")
    assert (play.exchange.state, play.opened) == (State.ACQUIRING, ["a"])
    play.after(2).tell(Head(200, {}), Data(b"{}"), End())
    assert (play.answer.status, play.opened) == (200, ["a", "a"])


def test_waiting_ends_with_the_patience():
    play = Play(patience=30)
    for seconds in (5, 10):  # the guessed rests; the next one is 20 s
        play.refuse(429, b"Too Many Requests").after(seconds)
    play.refuse(429, b"Too Many Requests")
    assert (play.answer.status, play.message, len(play.opened)) == (429, "Too Many Requests", 3)
    assert play.answer.headers["retry-after"] == "20"


@pytest.mark.parametrize(
    ("refused", "statuses", "seconds"),
    [
        (Refused(1099.5, Lack.RATE), (429,), "100"),
        (Refused(1500.0, Lack.CREDENTIAL), (503, 529), "500"),
        (Refused(1000.0), (503, 529), "1"),
    ],
)
def test_a_pool_that_cannot_serve_answers_with_the_time(refused, statuses, seconds):
    exchange = Exchange(
        client=CLIENT,
        stream=False,
        body=b"",
        route=Route(("main",), "m"),
        translate=FakeTranslation,
        settings={"main": Settings()},
        chance=lambda: 0.0,
        conceal=bytes,
        now=1000.0,
    )
    exchange.receive(Start(), 1000.0)
    (answer,) = exchange.receive(refused, 1000.0)
    assert answer.status in statuses
    assert answer.headers["retry-after"] == seconds
    assert f"try again in {seconds} s".encode() in answer.body


# -- retries


def test_a_vendors_failure_is_retried_after_a_pause():
    play = Play("ab").refuse(529)
    assert (play.exchange.state, play.exchange.wake) == (State.PAUSING, 1000.5)
    play.after(0.5).refuse(503)
    assert play.exchange.wake == 1001.5  # twice as long
    play.after(1).tell(Head(200, {}), Data(b"{}"), End())
    assert (play.answer.status, play.opened) == (200, ["a", "b", "a"])


def test_retries_are_counted():
    play = Play("ab", retries=2).refuse(500).after(1).refuse(500).after(1).refuse(500, b"third")
    assert (play.answer.status, play.message, len(play.opened)) == (500, "third", 3)


def test_moving_on_does_not_use_up_retries():
    play = Play("abcd", retries=1).refuse(429).refuse(401).refuse(500).after(1).refuse(500)
    assert (len(play.opened), play.answer.status) == (4, 500)


def test_a_pause_has_its_part_of_chance():
    assert Play("ab", chance=0.0).refuse(500).exchange.wake == 1000.5 - 0.375


def test_a_pause_is_not_shorter_than_the_vendor_asks():
    assert Play("ab").refuse(503, retry_after="3").exchange.wake == 1003


def test_a_pause_beyond_the_patience_is_not_made():
    play = Play("ab").refuse(503, b"later", retry_after="45")
    assert (play.message, play.answer.headers["retry-after"]) == ("later", "45")


def test_a_broken_connection_is_retried_elsewhere():
    error = c.Error(kind="internal", message="connection refused", status=502)
    play = Play("ab").tell(Broken(error)).after(1).tell(Head(200, {}), Data(b"{"), Broken(error))
    play.after(1).tell(Head(200, {}), Data(b"{}"), End())
    assert play.outcomes() == [("a", "transport"), ("b", "transport"), ("a", "ok")]
    assert play.answer.body == b"translated {}"


def test_an_answer_that_is_none_is_the_vendors_failure():
    play = Play("ab").tell(Head(200, {}), Data(b"<html>"), End()).after(1).tell(Head(200, {}), Data(b"{}"), End())
    assert play.outcomes() == [("a", "vendor"), ("b", "ok")]


def test_an_endless_answer_is_cut(monkeypatch):
    monkeypatch.setattr(x, "ANSWER_LIMIT", 10)
    play = Play(retries=0).tell(Head(200, {}), Data(b"{" + b" " * 10))
    assert (play.closed, play.answer.status) == (1, 502)


def test_an_endless_error_is_cut(monkeypatch):
    monkeypatch.setattr(x, "ERROR_LIMIT", 10)
    play = Play(retries=0).tell(Head(400, {}), Data(b"x" * 11))
    assert (play.closed, play.answer.status) == (1, 400)


def test_a_whole_answer_has_until_total():
    play = Play(retries=2, total=600, first_byte=120).after(599)
    assert not play.exchange.done
    play.after(1)
    assert (play.answer.status, play.closed, play.opened) == (504, 1, ["a"])


# -- dialects and pools


def test_the_clients_own_dialect_comes_first():
    play = Play([Account("a", "p", ("other", CLIENT))])
    assert play.exchange.dialect == CLIENT


def test_a_dialect_that_cannot_say_it_is_passed_over():
    play = Play([Account("a", "p", ("cannot-say", "other"))])
    assert (play.exchange.dialect, play.opened) == ("other", ["a"])


def test_an_account_that_cannot_say_it_is_passed_over():
    play = Play([Account("a", "p", ("cannot-say",)), Account("b", "p", ("other",))])
    assert play.opened == ["b"]
    assert play.outcomes() == [("a", "request")]


def test_a_request_that_no_account_can_say_is_refused_by_us():
    play = Play([Account(name, "p", ("cannot-say",)) for name in "ab"])
    assert (play.answer.status, play.message, play.opened) == (400, "it cannot say `seed`", [])


def test_the_next_pool_takes_over():
    play = Play("a", fallback=["b", "c"]).refuse(429).refuse(401).tell(Head(200, {}), Data(b"{}"), End())
    assert (play.answer.status, play.opened, play.now) == (200, ["a", "b", "c"], 1000.0)


def test_the_next_pool_takes_over_when_retries_are_spent():
    play = Play("a", fallback=["b"], retries=0).refuse(500).tell(Head(200, {}), Data(b"{}"), End())
    assert (play.answer.status, play.opened) == (200, ["a", "b"])


# -- streams


def streaming(*data: bytes, accounts="ab", **more) -> Play:
    return Play(accounts, stream=True, **more).tell(Head(200, SSE), *map(Data, data))


def test_a_stream_goes_out_as_it_comes():
    play = streaming(b"[start]")
    assert play.out == []
    play.tell(Data(b"Hel"))
    assert [type(command) for command in play.out] == [x.SendHead, x.Send]
    assert play.text == b"[start]Hel"
    play.tell(Data(b"lo"), Data(b"."))
    assert play.text == b"[start]Hello."
    assert play.exchange.done and play.out[-1] == x.Finish()
    assert play.outcomes() == [("a", "ok")]
    assert play.closed == 0


def test_an_error_before_content_moves_on_and_leaves_no_trace():
    play = (
        streaming(b"[start]", b"!overloaded").after(1).tell(Head(200, SSE), Data(b"[again]"), Data(b"Hi"), Data(b"."))
    )
    assert play.text == b"[again]Hi."
    assert play.outcomes() == [("a", "vendor"), ("b", "ok")]
    assert play.closed == 1


def test_a_stream_that_ends_before_content_moves_on():
    play = streaming(b"[start]").tell(End()).after(1).tell(Head(200, SSE), Data(b"Hi"), Data(b"."))
    assert play.outcomes() == [("a", "transport"), ("b", "ok")]


def test_an_error_in_one_read_with_the_first_content_moves_on(monkeypatch):
    feed = FakeStream.feed
    monkeypatch.setattr(FakeStream, "feed", lambda self, data: b"".join(feed(self, part) for part in data.split(b"|")))
    play = streaming(b"[start]", b"Hel|!overloaded").after(1).tell(Head(200, SSE), Data(b"Hi|."))
    assert play.text == b"Hi."


def test_an_answer_without_content_is_an_answer():
    play = streaming(b"[start]", b".")
    assert play.text == b"[start]."
    assert play.outcomes() == [("a", "ok")]


@pytest.mark.parametrize("event", [End(), Broken(c.Error(kind="truncated", message="cut", status=502))])
def test_a_cut_after_content_is_an_error_frame(event):
    play = streaming(b"Hel").tell(event)
    assert play.text == b"Hel<truncated: cut>"
    assert (play.exchange.done, play.opened, play.outcomes()) == (
        True,
        ["a"],
        [("a", "transport" if event == End() else "vendor")],
    )


def test_an_error_after_content_is_an_error_frame():
    play = streaming(b"Hel", b"!overloaded")
    assert play.text == b"Hel<overloaded: said in the stream about [key]>"
    assert (play.opened, play.closed) == (["a"], 1)


def test_a_json_answer_to_a_streaming_request_is_an_error():
    play = Play("ab", stream=True).tell(
        Head(200, {"content-type": "application/json; charset=utf-8"}), Data(b"{}"), End()
    )
    assert play.exchange.state is State.PAUSING


def test_a_whole_answer_to_a_streaming_request_is_streamed():
    play = Play(stream=True).tell(Head(200, {"content-type": "application/json"}), Data(b"[1]"), End())
    assert play.exchange.state is State.DONE
    assert play.text == b"unfolded [1]"


def test_an_error_answer_to_a_streaming_request_is_whole():
    play = Play(stream=True).refuse(400, b"bad")
    assert (play.answer.status, play.message) == (400, "bad")


def test_silence_gets_a_keep_alive_and_failover_stays_possible():
    play = streaming(b"[start]", accounts="ab").after(15)
    assert [type(command) for command in play.out] == [x.SendHead, x.Send]
    play.after(15)
    silence = play.text
    assert silence == own_answers.keepalive(CLIENT) * 2
    play.tell(End()).after(1).tell(Head(200, SSE), Data(b"Hi"), Data(b"."))
    assert play.text == silence + b"Hi."
    assert [type(command) for command in play.out].count(x.SendHead) == 1


def test_a_final_failure_after_a_keep_alive_is_an_error_frame():
    play = Play(stream=True).after(16).refuse(400, b"bad")
    assert play.text == own_answers.keepalive(CLIENT) + b"<invalid_request: bad>"
    assert play.out[-1] == x.Finish()


def test_a_keep_alive_in_mid_answer():
    play = streaming(b"Hel").after(15).tell(Data(b"lo"), Data(b"."))
    assert play.text == b"Hel" + own_answers.keepalive(CLIENT) + b"lo."


def test_a_stream_must_begin_in_time():
    play = Play("ab", stream=True, first_byte=10).after(10)
    assert (play.closed, play.exchange.state) == (1, State.PAUSING)
    assert play.outcomes() == [("a", "transport")]


def test_a_stream_must_not_stall():
    play = streaming(b"Hel", stream_idle=10, keepalive=60).after(9).tell(Data(b"lo")).after(10)
    assert play.text.startswith(b"Hello<timeout: ")
    assert (play.closed, play.exchange.done) == (1, True)


def test_a_chatty_upstream_that_says_nothing(monkeypatch):
    monkeypatch.setattr(x, "HELD_LIMIT", 20)
    play = streaming(*[b"[nothing]"] * 3, retries=0)
    assert (play.closed, play.answer.status) == (1, 502)


def test_late_losses_are_one_comment_before_the_end():
    play = streaming(b"Hel")
    play.translations[0].losses.append(context.Loss("choices[0].logprobs", "R1", "no such thing"))
    play.tell(Data(b"."))
    assert play.text == b"Hel: isogloss-loss choices[0].logprobs;rule=R1\n\n."


def test_known_losses_are_a_header():
    play = Play(stream=True)
    play.translations[0].losses.append(context.Loss("seed", "R2", "no such thing"))
    play.tell(Head(200, SSE), Data(b"Hi"), Data(b"."))
    assert play.out[0].headers["isogloss-loss"] == "seed;rule=R2"
    assert play.text == b"Hi."


# -- upstreams without a wire


def test_played_events():
    assert Play().tell(Head(200, {}), Played([b"Hi"]), End()).answer.body == b"Hi"
    assert Play(stream=True).tell(Head(200, {}), Played([b"Hi"]), Played([b"."])).text == b"Hi."


def test_an_account_that_never_rests_is_asked_once():
    error = c.Error(kind="rate_limit", message="always", status=429)
    play = Play([Account("echo", "echo", (CLIENT,), rests=False)]).tell(Broken(error, None))
    assert (play.answer.status, play.opened) == (429, ["echo"])
    assert int(play.answer.headers["retry-after"]) >= 1


# -- the client leaves


def test_leaving_while_the_upstream_works():
    for events in ([], [Head(200, SSE)], [Head(200, SSE), Data(b"Hi")], [Head(400, {})]):
        play = Play("ab", stream=True).tell(*events, x.Gone())
        assert (play.closed, play.outcomes(), play.opened) == (1, [("a", "client")], ["a"])
        assert play.exchange.done


def test_leaving_the_queue():
    play = Play().refuse(429, retry_after="5").tell(x.Gone())
    assert play.exchange.done
    assert play.pools["main"].waiting == 0


def test_leaving_between_two_attempts():
    assert Play("ab").refuse(500).tell(x.Gone()).exchange.done


# -- the table


def test_secrets_stay_inside():
    assert KEY.decode() not in Play().refuse(400, b"bad key " + KEY).message


def test_what_cannot_happen_is_the_callers_mistake():
    with pytest.raises(RuntimeError, match="Data cannot happen while opening"):
        Play().tell(Data(b""))
    with pytest.raises(RuntimeError, match="Timer cannot happen while done"):
        Play().refuse(400).tell(Timer())


def test_the_table_is_whole():
    """Every method exists, every state can be reached, and the client may leave from each state that waits."""
    steps = [(state, event, *step) for state, events in x.TABLE.items() for event, step in events.items()]
    assert all(callable(getattr(Exchange, method)) for _, _, method, _ in steps)
    assert set(x.TABLE) == set(State)
    assert set(itertools.chain.from_iterable(to for *_, to in steps)) == set(State) - {State.NEW}
    for state in set(State) - {State.NEW, State.DONE}:
        assert {Timer, x.Gone} <= set(x.TABLE[state])
    assert Acquired in x.TABLE[State.ACQUIRING]


# -- links


def wanting(**settings) -> Play:
    play = Play([Account("a", "p", ("wants-links",)), Account("b", "p", ("wants-links",))], **settings)
    assert play.out == [x.Fetch(["https://a.example/b"])]
    assert (play.exchange.state, play.opened) == (x.State.FETCHING, [])
    play.out.clear()
    return play


def test_links_are_fetched_once_whatever_account_serves():
    play = wanting().tell(x.Fetched({"https://a.example/b": c.BytesSource(data="AAAA")}))
    assert play.opened == ["a"]
    play.refuse(429)
    assert (play.opened, play.out) == (["a", "b"], []), "the next account needs no second fetch"


def test_a_link_that_cannot_be_had_is_the_clients_fault():
    play = wanting().tell(x.Fetched({}, "https://a.example/b was answered with 404"))
    assert (play.answer.status, play.outcomes()) == (400, [("a", "request")])
    assert "answered with 404" in play.message


def test_nobody_waits_for_links_for_ever():
    play = wanting().after(x.FETCH_S + 1)
    assert (play.answer.status, play.closed, play.outcomes()) == (400, 1, [("a", "request")])
    assert "30 s" in play.message


def test_who_leaves_while_links_are_fetched_leaves_nothing_behind():
    play = wanting().tell(x.Gone())
    assert (play.exchange.done, play.closed, play.outcomes()) == (True, 1, [("a", "client")])
