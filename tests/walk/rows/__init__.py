"""What each operation needs of the world, one row an operation: the walk fails on an operation without a row."""
import dataclasses
import importlib
import typing


@dataclasses.dataclass(frozen=True)
class Row:
    """How to call an operation. Members by dotted path, without positions in lists."""

    #: What the least input must hold, made anew for each call: ids, and what AWS requires beyond its model.
    needs: typing.Callable = lambda world: {}
    #: What else the greatest input must hold where the shape alone does not say it.
    more: typing.Callable = lambda world: {}
    #: Members that cannot be honoured and are refused, each with a word that the refusal must contain.
    refused: dict = dataclasses.field(default_factory=dict)
    #: Members that the greatest input leaves out, each with the reason.
    without: dict = dataclasses.field(default_factory=dict)
    #: Further inputs that must succeed.
    variants: tuple = ()
    #: The error that even a well-formed input gets, where the walk cannot make one that is answered; by mode, where one alone refuses.
    ends: str | dict | None = None

    def ends_in(self, mode):
        return self.ends.get(mode) if isinstance(self.ends, dict) else self.ends


def of(service):
    return importlib.import_module(f"rows.{service.replace('-', '_')}").ROWS
