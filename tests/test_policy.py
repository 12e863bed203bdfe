"""The policy file: what it reads as, exact messages, and that no secret is ever shown."""

import ast
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codegen.policy import policy as generate
from generated.policy import TABLE, Account, Client, Policy, Route, Server, Timeouts
from runtime.core.diagnostic import failed, render
from runtime.core.located import load
from runtime.core.policy import matches, parse, route, secret_source

ROOT = Path(__file__).parents[1]
PROVIDERS = {
    "openai": ["openai-chat", "openai-responses"],
    "anthropic": ["anthropic-messages"],
    "llamacpp": ["openai-chat", "anthropic-messages"],
}
ENVIRON = {"KEY_A": "the-key-itself", "EMPTY": ""}
MUST_HONOUR = ["max_tokens", "output_format"]

GOOD = """\
version: 1
server: {host: 127.0.0.1, port: 7070}
pools:
  main:
    strategy: round_robin
    accounts:
      - name: key-a
        provider: openai             # a file in specs/providers/
        key: env:KEY_A               # env:NAME or file:PATH
        base_url: http://127.0.0.1:9000/v1   # optional, replaces the provider's
        dialects: [openai-chat]      # optional: speak only these of the provider's dialects
models:
  - {name: "claude-*", pool: main, upstream_model: gpt-5}
  - {name: "*", pool: main}
"""

FULL = """\
defaults:
  queue: {size: 5, timeout: 10s}
  retries: 0
  backoff: {base: 0.25s, factor: 3, max: 1m, jitter: 0}
  retry_after: {max_wait: 2m}
  affinity: {enabled: false, ttl: 1d, max_entries: 10}
  timeouts: {connect: 500ms, total: 1.5h}
  keepalive: 5s
pools:
  main:
    queue: {size: auto}
    timeouts: {total: 30s}
    accounts: [{name: a, provider: llamacpp, weight: 2, priority: 1, max_concurrency: 3, headers: {X-Title: me}}]
  spare:
    accounts: [{name: b, provider: anthropic, key: file:keys/b}]
models: [{name: x, pool: main, fallback: [spare], loss: refuse, honour: [max_tokens]}]
clients: [{name: alice, key: env:KEY_A}, {name: bob, key: "sha256:%s"}]
""" % ("0a" * 32)


def parsed(text: str):
    return parse(text, "pool.yaml", PROVIDERS, ENVIRON, MUST_HONOUR)


def shown(text: str) -> str:
    policy, found = parsed(text)
    assert (policy is None) == failed(found)
    return render(found, {"pool.yaml": text})


def test_the_form_of_the_readme():
    policy, found = parsed(GOOD)
    assert found == []
    account = Account(
        name="key-a",
        provider="openai",
        key="env:KEY_A",
        base_url="http://127.0.0.1:9000/v1",
        dialects=["openai-chat"],
    )
    assert policy.server == Server(host="127.0.0.1", port=7070)
    assert policy.pools["main"].accounts == [account]
    assert policy.models == [
        Route(name="claude-*", pool="main", upstream_model="gpt-5"),
        Route(name="*", pool="main"),
    ]
    assert policy.clients == [] and policy.pools["main"].timeouts == Timeouts()


def test_defaults_are_laid_under_each_pool():
    policy, found = parsed(FULL)
    assert found == []
    main, spare = policy.pools["main"], policy.pools["spare"]
    assert (main.queue.size, main.queue.timeout) == ("auto", 10.0)
    assert (spare.queue.size, spare.queue.timeout) == (5, 10.0)
    assert main.timeouts == Timeouts(connect=0.5, first_byte=120.0, stream_idle=300.0, total=30.0)
    assert spare.timeouts == Timeouts(connect=0.5, first_byte=120.0, stream_idle=300.0, total=5400.0)
    assert (spare.retries, spare.backoff.base, spare.backoff.factor, spare.backoff.max) == (0, 0.25, 3, 60.0)
    assert (spare.affinity.enabled, spare.affinity.ttl, spare.retry_after.max_wait) == (False, 86400.0, 120.0)
    assert spare.keepalive == policy.defaults.keepalive == 5.0
    assert main.accounts[0].headers == {"X-Title": "me"} and main.accounts[0].max_concurrency == 3
    assert policy.models[0] == Route(name="x", pool="main", fallback=["spare"], loss="refuse", honour=["max_tokens"])
    assert policy.clients[0] == Client(name="alice", key="env:KEY_A")


def test_json_is_a_policy_too():
    assert parsed(json.dumps(yaml.safe_load(GOOD)))[0] == parsed(GOOD)[0]


def account(line: str) -> str:
    """A policy whose one account, on line 4, is this."""
    return f"pools:\n  main:\n    accounts:\n      - {line}\nmodels: [{{name: '*', pool: main}}]\n"


MESSAGES = {
    "unknown key": (
        account("{name: a, provider: llamacpp, wieght: 2}"),
        """\
pool.yaml:4:39  E701  Account has no key `wieght`

   3 |     accounts:
   4 |       - {name: a, provider: llamacpp, wieght: 2}
     |                                       ^^^^^^ did you mean `weight`?

  Keys of Account: name, provider, key, base_url, dialects, weight, priority, models, rpm, tpm, requests_per_day, tokens_per_day, max_concurrency, headers, settings, proxy, proxy_auth, ca.
""",
    ),
    "missing key": (
        account("{name: a}"),
        """\
pool.yaml:4:9  E702  Account needs `provider`

   3 |     accounts:
   4 |       - {name: a}
     |         ^^^^^^^^^

  Write:  provider: openai
""",
    ),
    "empty file": (
        "",
        """\
pool.yaml:1:1  E703  the policy file must be a mapping, and this is empty

  Write:  {pools: ..., models: ...}
""",
    ),
    "out of range": (
        "server: {port: 70700}\n" + account("{name: a, provider: llamacpp}"),
        """\
pool.yaml:1:16  E703  port must be a whole number from 0 to 65535, and this is 70700

   1 | server: {port: 70700}
     |                ^^^^^

  Write:  port: 7070
""",
    ),
    "a duration without its unit": (
        "defaults: {queue: {timeout: 30}}\n" + account("{name: a, provider: llamacpp}"),
        """\
pool.yaml:1:29  E703  timeout must be a duration from 0s to 1h, and this is 30

   1 | defaults: {queue: {timeout: 30}}
     |                             ^^ a duration needs its unit

  Write:  timeout: 30s
""",
    ),
    "a duration with another unit": (
        "defaults: {keepalive: 2 weeks}\n" + account("{name: a, provider: llamacpp}"),
        """\
pool.yaml:1:23  E703  keepalive must be a duration from 100ms to 1h, and this is `2 weeks`

   1 | defaults: {keepalive: 2 weeks}
     |                       ^^^^^^^

  Write:  keepalive: 15s
""",
    ),
    "a number as a name": (
        account("{name: 7, provider: llamacpp}"),
        """\
pool.yaml:4:16  E703  name must be one line of text, and this is 7

   3 |     accounts:
   4 |       - {name: 7, provider: llamacpp}
     |                ^ put it in quotes

  Write:  name: key-a
""",
    ),
    "an address without its scheme": (
        account("{name: a, provider: llamacpp, base_url: localhost:8080}"),
        """\
pool.yaml:4:49  E703  base_url must be an address that starts with http:// or https://, and this is `localhost:8080`

   3 |     accounts:
   4 |       - {name: a, provider: llamacpp, base_url: localhost:8080}
     |                                                 ^^^^^^^^^^^^^^

  Write:  base_url: http://127.0.0.1:8080/v1
""",
    ),
    "no accounts": (
        "pools: {main: {accounts: []}}\nmodels: [{name: '*', pool: main}]\n",
        """\
pool.yaml:1:26  E703  accounts must be a list with something in it, and this is an empty list

   1 | pools: {main: {accounts: []}}
     |                          ^^

  Write:  accounts: [{name: key-a, provider: openai, key: env:OPENAI_API_KEY}]
""",
    ),
    "unknown word": (
        account("{name: a, provider: llamacpp}").replace("pool: main}", "pool: main, loss: refused}"),
        """\
pool.yaml:5:40  E704  loss must be report, refuse or silent

   4 |       - {name: a, provider: llamacpp}
   5 | models: [{name: '*', pool: main, loss: refused}]
     |                                        ^^^^^^^ did you mean `refuse`?

  Write:  loss: report
""",
    ),
    "literal secret": (
        account("{name: a, provider: openai, key: hunter2}"),
        """\
pool.yaml:4:42  E705  a secret is never written in the policy file

   3 |     accounts:
   4 |       - {name: a, provider: openai, key: •••••••}
     |                                          ^^^^^^^

  Put the secret into an environment variable or a file, and name that here.
  Write one of:
      key: env:NAME
      key: file:PATH
""",
    ),
    "a variable without env:": (
        account("{name: a, provider: openai, key: $KEY_A}"),
        """\
pool.yaml:4:42  E705  a secret is never written in the policy file

   3 |     accounts:
   4 |       - {name: a, provider: openai, key: ••••••}
     |                                          ^^^^^^ if you mean the variable, write env:KEY_A

  Put the secret into an environment variable or a file, and name that here.
  Write one of:
      key: env:NAME
      key: file:PATH
""",
    ),
    "a secret header": (
        account("{name: a, provider: openai, headers: {Authorization: Bearer hunter2}}"),
        """\
pool.yaml:4:47  E705  the header `Authorization` holds a secret

   3 |     accounts:
   4 |       - {name: a, provider: openai, headers: {Authorization: ••••••••••••••}}
     |                                               ^^^^^^^^^^^^^

  Take `Authorization` out of `headers`: the gateway writes the key where the provider wants it.
  Write:  key: env:NAME
""",
    ),
    "unknown provider": (
        account("{name: a, provider: antropic}"),
        """\
pool.yaml:4:29  E706  there is no provider `antropic`

   3 |     accounts:
   4 |       - {name: a, provider: antropic}
     |                             ^^^^^^^^ did you mean `anthropic`?

  Providers are the files in specs/providers/: anthropic, llamacpp, openai.
""",
    ),
    "unknown dialect": (
        account("{name: a, provider: openai, dialects: [openai-response]}"),
        """\
pool.yaml:4:48  E707  openai does not speak `openai-response`

   3 |     accounts:
   4 |       - {name: a, provider: openai, dialects: [openai-response]}
     |                                                ^^^^^^^^^^^^^^^ did you mean `openai-responses`?

  It speaks openai-chat, openai-responses.
""",
    ),
    "unknown pool": (
        account("{name: a, provider: llamacpp}").replace("pool: main", "pool: mian"),
        """\
pool.yaml:5:28  E708  there is no pool `mian`

   4 |       - {name: a, provider: llamacpp}
   5 | models: [{name: '*', pool: mian}]
     |                            ^^^^ did you mean `main`?

  Pools of this file: main.
""",
    ),
    "unknown must-honour field": (
        account("{name: a, provider: llamacpp}").replace("pool: main", "pool: main, honour: [output-format]"),
        """\
pool.yaml:5:43  E709  `output-format` is no must-honour field

   4 |       - {name: a, provider: llamacpp}
   5 | models: [{name: '*', pool: main, honour: [output-format]}]
     |                                           ^^^^^^^^^^^^^ did you mean `output_format`?

  Must-honour fields: max_tokens, output_format.
""",
    ),
    "one name twice": (
        account("{name: a, provider: llamacpp}\n      - {name: a, provider: openai}"),
        """\
pool.yaml:5:16  E710  account `a` is given twice

   4 |       - {name: a, provider: llamacpp}
   5 |       - {name: a, provider: openai}
     |                ^ first given on line 4

  The first is at pool.yaml:4:16.
""",
    ),
    "its own fallback": (
        account("{name: a, provider: llamacpp}").replace("pool: main", "pool: main, fallback: [main]"),
        """\
pool.yaml:5:45  E710  pool `main` is given twice

   4 |       - {name: a, provider: llamacpp}
   5 | models: [{name: '*', pool: main, fallback: [main]}]
     |                                             ^^^^ it is the route's own pool
""",
    ),
    "variable not set": (
        account("{name: a, provider: openai, key: env:KEY_B}"),
        """\
pool.yaml:4:42  E711  warning: the variable KEY_B is not set

   3 |     accounts:
   4 |       - {name: a, provider: openai, key: env:KEY_B}
     |                                          ^^^^^^^^^ the key is read from there
""",
    ),
    "rule never reached": (
        account("{name: a, provider: llamacpp}").replace("main}]", "main}, {name: gpt-5, pool: main}]"),
        """\
pool.yaml:5:42  E712  warning: this rule is never reached

   4 |       - {name: a, provider: llamacpp}
   5 | models: [{name: '*', pool: main}, {name: gpt-5, pool: main}]
     |                                          ^^^^^ `*` on line 5 matches first

  Rules are matched top down, and the first wins: move this one above it, or remove it.
""",
    ),
}


@pytest.mark.parametrize(
    ("origin", "well"),
    [
        ("*", True),
        ("https://app.example", True),
        ("http://[::1]:3000", True),
        ("tauri://localhost", True),
        ("https://*.example", False),
        ("https://app.example/", False),
        ("app.example", False),
    ],
)
def test_origins(origin: str, well: bool):
    text = f"server: {{cors: ['{origin}']}}\n" + account("{name: a, provider: llamacpp}")
    said = "an origin must be scheme://host, with its port if it has one, or *, and this is"
    assert [d.message.startswith(said) for d in parsed(text)[1]] == [] if well else [True]
    if well:
        assert parsed(text)[0].server.cors == [origin]


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name):
    text, message = MESSAGES[name]
    assert shown(text) == message


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("weight: 0", "weight must be a whole number from 1 to 1000, and this is 0"),
        ("weight: true", "weight must be a whole number from 1 to 1000, and this is a boolean"),
        ("weight: 1.5", "weight must be a whole number from 1 to 1000, and this is 1.5"),
        ("weight:", "weight must be a whole number from 1 to 1000, and this is empty"),
        ("dialects: openai-chat", "dialects must be a list with something in it, and this is `openai-chat`"),
        ("dialects: [openai-chat, openai-chat]", "dialects `openai-chat` is given twice"),
        ("dialects: [7]", "an item of dialects must be one line of text, and this is 7"),
        ("headers: [a]", "headers must be a mapping, and this is a list"),
        ("headers: {X-A: 7}", "X-A must be text, and this is 7"),
        ("headers: {X A: b}", "a header's name is one word, and its value one line"),
        ('headers: {X-A: "b\\nc"}', "a header's name is one word, and its value one line"),
        (
            "base_url: http://h:99999",
            "base_url must be an address that starts with http:// or https://, and this is `http://h:99999`",
        ),
        (
            'base_url: "http://h /v1"',
            "base_url must be an address that starts with http:// or https://, and this is `http://h /v1`",
        ),
        (
            'base_url: "http://h\\a/v1"',
            "base_url must be an address that starts with http:// or https://, and this is `http://h\x07/v1`",
        ),
        ("base_url: http://h/v1?a=b", "base_url ends before `?` and `#`"),
        (
            "proxy: 127.0.0.1:3128",
            "proxy must be an address that starts with http://, https:// or socks5://, and this is `127.0.0.1:3128`",
        ),
        ("proxy: socks5://me:hunter2@h", "an address in the policy file holds no password"),
        ("proxy_auth: me:hunter2", "a secret is never written in the policy file"),
        ("base_url: http://me@h/v1", "an address in the policy file holds no password"),
        ("key: env:1A", "after `env:` comes the name of a variable: letters, digits and _"),
        ("key: [a]", "key must be env:NAME or file:PATH, and this is a list"),
        ("key: 12345678", "a secret is never written in the policy file"),
        ("key: env:EMPTY", "the variable EMPTY is empty"),
    ],
)
def test_entries_of_an_account(entry, message):
    found = parsed(account(f"name: a\n        provider: openai\n        {entry}"))[1]
    assert [d.message for d in found] == [message]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("version: 2", "version must be 1, and this is 2"),
        ("server:", "server must be a mapping, and this is empty"),
        ("defaults: {queue: {size: -1}}", "size must be auto or a whole number from 0 to 1000000, and this is -1"),
        ("defaults: {queue: {size: big}}", "size must be auto or a whole number from 0 to 1000000"),
        ("defaults: {backoff: {jitter: 1.5}}", "jitter must be a number from 0 to 1, and this is 1.5"),
        ("defaults: {backoff: {factor: .nan}}", "factor must be a number from 1 to 100, and this is nan"),
        ("defaults: {timeouts: {total: 0s}}", "total must be a duration from 1ms to 1d, and this is `0s`"),
        ("defaults: {affinity: {enabled: 1}}", "enabled must be true or false, and this is 1"),
        ("defaults: {accounts: []}", "Settings has no key `accounts`"),
        ("clients: [{name: c}]", "Client needs `key`"),
        ("clients: [{name: c, key: env:KEY_A}, {name: c, key: env:KEY_A}]", "client `c` is given twice"),
        ("clients: [{name: c, key: sha256:0f}]", "after `sha256:` comes the hash of a key: 64 digits, 0-9 and a-f"),
        ("clients: [{name: c, key: }]", "key must be env:NAME, file:PATH or sha256:HEX, and this is empty"),
    ],
)
def test_entries_of_the_file(entry, message):
    found = parsed(account("{name: a, provider: openai}") + entry + "\n")[1]
    assert [d.message for d in found] == [message]


def test_at_most_five_fallbacks():
    names = ["main", "a", "b", "c", "d", "e", "f"]
    file = {"pools": {name: {"accounts": [{"name": name, "provider": "openai"}]} for name in names}}

    def messages(fallback: list[str]) -> list[str]:
        rule = {"name": "*", "pool": "main", "fallback": fallback}
        return [d.message for d in parsed(json.dumps(file | {"models": [rule]}))[1]]

    assert messages(names[1:6]) == []
    assert messages(names[1:7]) == ["fallback takes 5 at most, and this is one more"]


def test_an_address_loses_its_last_slash():
    policy, _ = parsed("\ufeff" + account("{name: a, provider: openai, base_url: http://h/v1/}"))
    assert policy.pools["main"].accounts[0].base_url == "http://h/v1"


def test_every_mistake_at_once():
    text = (
        account("{name: a, provider: opnai, weight: 0, key: hunter2}")
        + "servr: {}\nclients: [{name: c, key: env:1A}]\n"
    )
    assert [(d.line, d.code) for d in sorted(parsed(text)[1], key=lambda d: d.line)] == [
        (4, "E703"),
        (4, "E705"),
        (4, "E706"),
        (6, "E701"),
        (7, "E703"),
    ]


SECRET = "hunter2-and-xyzzy"
LEAKS = {
    "quoted": account(f'{{name: a, provider: opnai, key: "{SECRET}"}}'),
    "json": json.dumps({"pools": {"main": {"accounts": [{"name": "a", "provider": "x", "key": SECRET, "n": 1}]}}}),
    "next line wrong": account(f"name: a\n        key: {SECRET}\n        provdr: openai"),
    "with commas": account(f"name: a\n        provider: openai\n        key: x,{SECRET}"),
    "literal": account(f"name: a\n        provider: openai\n        key: |\n          {SECRET}\n        weight: 0"),
    "on the next line": account(
        f"name: a\n        provider: openai\n        key:\n          {SECRET}\n        weight: 0"
    ),
    "folded": account(f"name: a\n        provider: openai\n        key: one\n          {SECRET}\n        weight: 0"),
    "misspelled": account(f"{{name: a, provider: openai, api-key: {SECRET}}}"),
    "no YAML": account(f"{{name: a, provider: openai, key: {SECRET}: x}}"),
    "no YAML below": account(f"name: a\n        key: {SECRET}\n       provider: openai"),
    "alias": account(f"{{name: a, provider: openai, key: *{SECRET}}}"),
    "tag": account(f"{{name: a, provider: openai, key: !{SECRET}}}"),
    "tag handle": account(f"{{name: a, provider: openai, key: !{SECRET}!x}}"),
    "anchor": account(f"{{name: a, provider: openai, key: &{SECRET} env:KEY_A}}"),
    "variable": account(f"{{name: a, provider: openai, key: env:{SECRET}}}"),
    "hash": account(f"{{name: a, provider: openai, key: sha256:{SECRET}}}"),
    "header": account(f"{{name: a, provider: openai, headers: {{Authorization: Bearer {SECRET}}}}}"),
    "cookie": account(f"{{name: a, provider: openai, headers: {{Cookie: {SECRET}}}}}"),
    "address": account(f"{{name: a, provider: openai, base_url: http://me:{SECRET}@host}}"),
    "bad address": account(f"{{name: a, provider: openai, base_url: ftp://me:{SECRET}@host}}"),
    "query": account(f"{{name: a, provider: openai, base_url: http://host/v1?key={SECRET}}}"),
    "other place": account(f"{{name: a, provider: sk-{SECRET}}}"),
    "as a name": account(f"{{name: a, sk-{SECRET}: openai}}"),
    "after a byte order mark": f"\ufeff{{pools: {{main: {{accounts: [{{key: {SECRET}}}]}}}}}}",
    "client": GOOD + f"clients: [{{name: a, key: {SECRET}}}]\n",
}


@pytest.mark.parametrize("name", LEAKS)
def test_no_secret_is_shown(name):
    text = LEAKS[name]
    assert SECRET in text
    policy, found = parsed(text)
    assert policy is None and failed(found)
    for form in ("text", "json", "github"):
        output = render(found, {"pool.yaml": text}, form)
        assert "hunter" not in output and "zy" not in output


def test_a_variable_is_named_and_its_value_never_shown():
    text = account("{name: a, provider: opnai, key: env:KEY_A}")
    assert "env:KEY_A" in shown(text) and ENVIRON["KEY_A"] not in shown(text)


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("env:KEY_A", ("env", "KEY_A")),
        ("file:/run/secrets/a:b", ("file", "/run/secrets/a:b")),
        ("sha256:" + "0f" * 32, ("sha256", "0f" * 32)),
    ],
)
def test_secret_source(key, source):
    assert secret_source(key) == source


@pytest.mark.parametrize("key", ["", "env:", "env:1A", "env:A B", "file:", "sk-123", "vault:x", "sha256:0f"])
def test_secret_source_of_none(key):
    with pytest.raises(ValueError, match="a key is env:NAME or file:PATH"):
        secret_source(key)


@pytest.mark.parametrize(
    ("pattern", "model", "yes"),
    [
        ("*", "", True),
        ("gpt-5", "gpt-5", True),
        ("gpt-5", "gpt-5x", False),
        ("claude-*", "claude-", True),
        ("claude-*", "a-claude-", False),
        ("*[1m]", "sonnet[1m]", True),
        ("a*a", "a", False),
        ("a*b*c", "a.b.c", True),
        ("a*b*c", "a.c.b", False),
        ("*ab*ab*", "xabx", False),
        ("gpt?", "gpt5", False),
        ("a.c", "abc", False),
        ("a*b", "a\nb", True),
    ],
)
def test_matches(pattern, model, yes):
    assert matches(pattern, model) is yes


def test_matching_a_hostile_name_takes_no_time():
    assert not matches("*a" * 30 + "*b", "a" * 20_000)


def test_the_first_rule_wins():
    policy, _ = parsed(GOOD)
    assert route(policy, "claude-opus").upstream_model == "gpt-5"
    assert route(policy, "gpt-5").upstream_model is None
    assert route(msgspec.structs.replace(policy, models=policy.models[:1]), "gpt-5") is None


# ---- the generated module, and the schema it comes from

SCHEMA_FILE = "specs/schemas/policy.yaml"
SCHEMA_TEXT = (ROOT / SCHEMA_FILE).read_text()
SCHEMA = load(SCHEMA_TEXT, SCHEMA_FILE)[0]


def test_generated_is_current():
    assert (ROOT / "generated/policy.py").read_text() == generate(SCHEMA)


def test_the_generated_module_imports_msgspec_only():
    tree = ast.parse((ROOT / "generated/policy.py").read_text())
    assert {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} == {"typing", "msgspec"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))


def written(kind, example: str):
    """A value made of nothing but the examples that messages quote."""
    match kind:
        case type():
            return {key: written(*row) for key, row in TABLE[kind].items()}
        case ("list", type() as struct, *_):
            return [written(struct, "")]
        case ("map", type() as struct, _):
            return {"main": written(struct, "")}
    return yaml.safe_load(example)


def test_what_messages_say_to_write_is_accepted():
    found = parsed(json.dumps(written(Policy, "")))[1]
    assert [d.message for d in found if d.severity == "error"] == ["there is no pool `spare`"]
    for rows in TABLE.values():
        for key, (_, example) in rows.items():
            assert load(f"{key}: {example}", "x.yaml")[1] == []


VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 7, -1, 70700, 0.5, "", "a", "main", "30s", "500ms", "1x", "env:KEY_A", "file:k"])
    | st.sampled_from(["openai", "openai-chat", "http://h:1/v1", "http://h:x", "auto", "round_robin", "report", "*"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([key for rows in TABLE.values() for key in rows]), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = [
    ("server",), ("server", "port"), ("defaults",), ("defaults", "queue"), ("defaults", "queue", "size"),
    ("defaults", "backoff", "factor"), ("defaults", "timeouts", "total"), ("pools", "main"),
    ("pools", "main", "accounts"), ("pools", "main", "accounts", 0), ("pools", "main", "accounts", 0, "key"),
    ("pools", "main", "accounts", 0, "headers"), ("pools", "main", "accounts", 0, "weight"),
    ("pools", "main", "accounts", 0, "base_url"), ("models",), ("models", 0), ("models", 0, "fallback"),
    ("models", 0, "loss"), ("clients",), ("clients", 0), ("clients", 0, "key"), ("version",),
]  # fmt: skip
STANDARD = jsonschema.Draft202012Validator(SCHEMA.plain())
SHAPE = {"E701", "E702", "E703", "E704", "E705"}
BEYOND = ("duration", "base_url", "header", "password")  # what JSON Schema cannot say of a shape


@given(st.sampled_from(PATHS), VALUES)
def test_the_check_and_the_schema_agree(path, value):
    """Whatever stands anywhere: what JSON Schema refuses we refuse, and no shape that it accepts but for reasons of ours."""
    document = {"version": 1, "server": {}, **yaml.safe_load(FULL)}
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    policy, found = parsed(json.dumps(document))
    assert (policy is None) == failed(found)
    if STANDARD.is_valid(document):
        assert [d for d in found if d.code in SHAPE and not any(word in d.message for word in BEYOND)] == []
    else:
        assert policy is None


@given(st.text("keynamepools:{}[], -'\"\n*&!|>0", max_size=60))
def test_any_text_gives_a_policy_or_an_error(text):
    policy, found = parsed(text)
    assert (policy is None) == failed(found)
    render(found, {"pool.yaml": text})
