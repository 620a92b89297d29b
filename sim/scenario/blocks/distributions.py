"""Uncertain numbers as they are written in a scenario: one of a few distributions."""

from typing import Any

from pydantic import Field, field_validator, model_validator

from sim.scenario.blocks.fields import Finite, ScenarioBlock, described, refuse

FORMS = ("triangular", "uniform", "normal", "lognormal", "fixed")


class UncertainInput(ScenarioBlock):
    """The distribution an uncertain number is drawn from; exactly one of the forms is given."""

    triangular: tuple[Finite, Finite, Finite] | None = Field(
        default=None, description="[lowest, most likely, highest], in the parameter's unit."
    )
    uniform: tuple[Finite, Finite] | None = Field(
        default=None, description="[lowest, highest], in the parameter's unit."
    )
    normal: tuple[Finite, Finite] | None = Field(
        default=None, description="[mean, standard deviation], in the parameter's unit."
    )
    lognormal: tuple[Finite, Finite] | None = Field(
        default=None,
        description="[median in the parameter's unit, standard deviation of the logarithm].",
    )
    fixed: Finite | None = Field(default=None, description="The same value in every run.")

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"fixed": value}
        wanted = "wanted a number, or one of triangular: [lowest, mode, highest], uniform: "
        wanted += "[lowest, highest], normal: [mean, sd], lognormal: [median, log_sd]"
        if not isinstance(value, dict | UncertainInput):
            raise refuse(f"is {described(value)}", wanted)
        if isinstance(value, dict):
            given = [key for key, numbers in value.items() if numbers is not None]
            if len(given) != 1:
                what = f"has {len(given)} entries ({', '.join(given)})" if given else "is empty"
                raise refuse(what, wanted)
        return value

    @field_validator("triangular")
    @classmethod
    def _three_in_order(
        cls, value: tuple[float, float, float] | None
    ) -> tuple[float, float, float] | None:
        if value is None:
            return None
        low, mode, high = value
        if not (low <= mode <= high and low < high):
            raise refuse(
                f"[{low:g}, {mode:g}, {high:g}] is out of order",
                "wanted [lowest, most likely, highest], rising",
            )
        return value

    @field_validator("uniform")
    @classmethod
    def _two_in_order(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not value[0] < value[1]:
            raise refuse(
                f"[{value[0]:g}, {value[1]:g}] is out of order", "wanted [lowest, highest], rising"
            )
        return value

    @field_validator("normal", "lognormal")
    @classmethod
    def _positive_spread(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[1] <= 0:
            raise refuse(
                f"has the spread {value[1]:g}", "wanted a standard deviation above 0 as second"
            )
        return value

    @field_validator("lognormal")
    @classmethod
    def _positive_median(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] <= 0:
            raise refuse(f"has the median {value[0]:g}", "wanted a median above 0 as first")
        return value

    @property
    def form(self) -> str:
        """Name of the distribution: one of `FORMS`."""
        return next(form for form in FORMS if getattr(self, form) is not None)

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers of the distribution, in the order they are written."""
        value = getattr(self, self.form)
        return (value,) if self.form == "fixed" else tuple(value)
