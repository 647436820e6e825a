"""``python -m aggregator`` and the ``aggregator`` command."""


def main() -> None:
    """Run the command line."""
    from aggregator.cli import run

    run()


if __name__ == "__main__":
    main()
