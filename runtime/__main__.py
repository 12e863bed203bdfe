"""The `isogloss` command."""

import argparse
import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 well, 1 failed, 2 wrong input."""
    options = _parser().parse_args(arguments)
    return options.run(options)


# Every command imports what it needs by itself: `serve` starts where the generator is not installed.


def _serve(options: argparse.Namespace) -> int:
    gc.disable()  # what is made while it starts stays: nothing of it is looked through before the first request
    from runtime.shell.serve import serve

    return serve(options.host, options.port, options.pool, options.workers)


def _translate(options: argparse.Namespace) -> int:
    from runtime.shell.translate_command import run

    return run(options)


def _explain(options: argparse.Namespace) -> int:
    try:
        from codegen.explain import explain
        from codegen.line import run as run_line
    except ImportError as missing:
        return _no_generator(options, missing)
    from runtime.shell.translate_command import both_ways, run

    return run_line(options.line, options.format, both_ways) if options.line else run(options, explain)


def _codegen(options: argparse.Namespace) -> int:
    if options.command == "check" and options.pool is not None:
        from runtime.shell.check_command import run as run_check

        return run_check(options)
    try:
        from codegen.commands import run
    except ImportError as missing:
        return _no_generator(options, missing)
    return run(options)


def _new(options: argparse.Namespace) -> int:
    try:
        from codegen.new import run
    except ImportError as missing:
        return _no_generator(options, missing)
    return run(options.what, options.name, options.dialect)


def _simulate(options: argparse.Namespace) -> int:
    from runtime.shell.simulate_command import run

    return run(options)


def _no_generator(options: argparse.Namespace, missing: ImportError) -> int:
    print(
        f"isogloss {options.command} needs the generator: pip install 'isogloss[generator]' ({missing})",
        file=sys.stderr,
    )
    return 2


def _duration(text: str) -> float:
    from generated.policy import UNITS

    for unit in sorted(UNITS, key=len, reverse=True):
        number = text.removesuffix(unit)
        if number != text and number.replace(".", "", 1).isdecimal():
            return float(number) * UNITS[unit]
    raise argparse.ArgumentTypeError("a duration with its unit, such as 30s or 10m")


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 100_000_000):
        raise argparse.ArgumentTypeError("a whole number from 1 on")
    return int(text)


def _workers(text: str) -> int:
    if _count(text) > 1024:
        raise argparse.ArgumentTypeError("a whole number from 1 to 1024")
    return int(text)


def _positive(text: str) -> float:
    if not text.replace(".", "", 1).isdecimal() or not float(text):
        raise argparse.ArgumentTypeError("a number above 0")
    return float(text)


def _loads(text: str) -> str:
    from runtime.shell.simulate_command import LOADS

    if unknown := set(text.split(",")) - set(LOADS):
        raise argparse.ArgumentTypeError(f"`{unknown.pop()}` is none of {', '.join(LOADS)}")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="isogloss", description="A translation layer and key pool in front of AI model APIs."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the gateway")
    serve.add_argument("--host", help="address to listen on; the policy file's, else 127.0.0.1")
    serve.add_argument("--port", type=int, help="port to listen on, 0 for any; the policy file's, else 7070")
    serve.add_argument("--pool", metavar="FILE", help="policy file; without it accounts are found in the environment")
    serve.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes that share the port (1)")
    serve.set_defaults(run=_serve)

    simulate = commands.add_parser("simulate", help="what a policy file would do under a load")
    add = simulate.add_argument
    add("--pool", metavar="FILE", required=True, help="policy file; its keys are not needed")
    add("--compare", metavar="FILE", help="another policy under the same load, beside it")
    add(
        "--trace",
        metavar="FILE",
        help='the load: lines such as {"at": 0.5, "model": "gpt-5", "seconds": 8, "tokens": 1000}',
    )
    add(
        "--load",
        type=_loads,
        default="poisson",
        metavar="KINDS",
        help="else: poisson, bursts, outage, storm, slow; several with commas",
    )
    add("--requests", type=_count, default=100_000, metavar="N", help="of a load that is made up (100000)")
    add("--rate", type=_positive, default=20.0, metavar="N", help="of them a second, on the mean (20)")
    add("--seconds", type=_positive, default=8.0, metavar="N", help="that an upstream takes for one, on the mean (8)")
    add("--seed", type=int, default=0, help="of chance: the same seed gives the same report (0)")
    add("--plot", metavar="FILE", help="write a picture of it, as SVG")
    simulate.set_defaults(run=_simulate)

    generate = commands.add_parser("generate", help="write generated/ from specs/")
    generate.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    check = commands.add_parser(
        "check", help="check specs/ and show what each dialect maps, carries, drops and refuses"
    )
    check.add_argument("--pool", metavar="FILE", help="instead: check a policy file, its form and what it means")
    check.add_argument(
        "--client-timeout",
        type=_duration,
        default=600.0,
        metavar="30s",
        help="with --pool: how long clients wait (10m)",
    )
    for command in (generate, check):
        command.add_argument(
            "--format", choices=("text", "json", "github"), default="text", help="how findings are printed"
        )
        command.set_defaults(run=_codegen)

    translate = commands.add_parser("translate", help="translate one request, response, error or stream")
    translate.set_defaults(run=_translate)
    explain = commands.add_parser("explain", help="the same, with the rule and place behind every field")
    explain.add_argument("--line", metavar="FILE:LINE", help="instead: one line of a spec, both ways, with its code")
    explain.set_defaults(run=_explain)
    for command in (translate, explain):
        add = command.add_argument
        add("file", nargs="?", default="-", help="JSON or event stream to read; - is standard input")
        add("--from", dest="source", metavar="DIALECT", help="dialect it is written in")
        add("--to", dest="target", metavar="DIALECT", help="dialect to write it in")
        kinds = ("request", "response", "error", "stream")
        add("--kind", choices=kinds, help="what it is; else seen by its form")
        add("--provider", metavar="NAME", help="the upstream's provider; else the one whose dialect it is")
        add("--model", metavar="NAME", help="the upstream's name of the model; else the one in the request")
        add("--request", metavar="FILE", help="of an answer: the request it answers, in the dialect of --to")
        add("--status", type=int, default=400, help="of an error: the status it came with (400)")
        add("--id", metavar="WORD", help="new ids are WORD1, WORD2, ...: the same every time")
        add("--now", type=int, metavar="SECONDS", help="the time, in seconds since 1970; else the clock's")
        add("--format", choices=("text", "json"), default="text", help="json: all of it in one object")

    new = commands.add_parser("new", help="write the first version of a provider's or a dialect's files")
    kinds = new.add_subparsers(dest="what", required=True, metavar="WHAT")
    provider = kinds.add_parser("provider", help="a provider that speaks a dialect")
    dialect = kinds.add_parser("dialect", help="a dialect that is like another")
    provider.add_argument("name", metavar="NAME")
    provider.add_argument("--dialect", required=True, metavar="DIALECT", help="the dialect it speaks")
    dialect.add_argument("name", metavar="NAME")
    dialect.add_argument("--like", dest="dialect", required=True, metavar="DIALECT", help="the dialect to begin with")
    for command in (provider, dialect):
        command.set_defaults(run=_new)
    return parser


if __name__ == "__main__":
    sys.exit(main())
