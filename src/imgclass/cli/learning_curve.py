"""The verb `learning-curve`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.opened_data import open_run_or_data
from imgclass.cli.options import Json, MaxPixels, settings_asked_for
from imgclass.cli.output import emit, shown_path, table, visible_lines
from imgclass.cli.plugins import NoPlugins
from imgclass.errors import UsageError
from imgclass.formatting import percent, percent_range

if TYPE_CHECKING:
    from imgclass.learning_curves import Forecast, LearningCurve


def learning_curve(
    data: Annotated[
        Path,
        typer.Argument(help="A data set, or a run: then its data, experiment and score are taken."),
    ],
    *,
    parts: Annotated[
        str,
        typer.Option(
            metavar="SHARE,...", help="Shares of the training images; the whole is always one."
        ),
    ] = "0.125,0.25,0.5,1",
    repeats: Annotated[
        int,
        typer.Option(min=1, help="Trainings of each part, with other images and another seed."),
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder of the trainings; learning-curves/<name> by default."),
    ] = None,
    max_pixels: MaxPixels = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
    **settings: Any,
) -> None:
    """Train on parts of the images, and say what twice as many would bring."""
    from imgclass.experiment import Experiment
    from imgclass.learning_curves import learning_curve as make_curve
    from imgclass.settings import changed

    del max_pixels, no_plugins  # their callbacks have done the work
    asked = settings_asked_for(settings)
    curve = make_curve(
        open_run_or_data(data),
        changed(Experiment(), asked) if asked else None,
        parts=_shares(parts),
        repeats=repeats,
        out=out,
    )
    emit(_payload(curve), _text(curve), as_json=json)


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise UsageError(
            f"Expected --parts as shares separated by commas, such as 0.125,0.25,0.5; received "
            f"{text!r}."
        ) from None


def _payload(curve: "LearningCurve") -> dict[str, Any]:
    from imgclass.learning_curves.folder import PAGE, PICTURE

    assert curve.path is not None
    law = curve.fit and curve.fit.law
    forecasts = [] if law is None else [curve.predict(k * curve.whole) for k in (2, 4)]
    return {
        "folder": str(curve.path),
        "picture": str(curve.path / PICTURE),
        "html": str(curve.path / PAGE),
        "points": [
            {
                "images": point.images,
                "repeat": point.repeat,
                "accuracy": point.accuracy,
                "interval": list(point.interval),
                "n": point.n,
                "run_dir": str(point.run),
            }
            for point in curve.points
        ],
        "law": law and {"floor": law.floor, "scale": law.scale, "exponent": law.exponent},
        "forecasts": [_forecast_payload(forecast) for forecast in forecasts],
        "verdict": curve.verdict,
        "finding": curve.finding,
        "sentences": list(curve.sentences),
    }


def _forecast_payload(forecast: "Forecast") -> dict[str, Any]:
    return {
        "images": forecast.images,
        "accuracy": forecast.accuracy,
        "interval": list(forecast.interval),
        "gain": forecast.gain,
        "gain_interval": list(forecast.gain_interval),
        "level": forecast.level,
    }


def _text(curve: "LearningCurve") -> str:
    from imgclass.learning_curves.folder import PAGE, PICTURE

    assert curve.path is not None
    fit = curve.fit
    rows: list[tuple[str, ...]] = [("images", "val accuracy", "95 % interval", "fitted curve")]
    rows += [
        (
            f"{point.images:,}",
            percent(point.accuracy),
            percent_range(point.interval),
            percent(None if fit is None else 1 - fit.law.error(point.images)),
        )
        for point in curve.points
    ]
    places = (
        f"runs     {shown_path(curve.path)}\npage     {shown_path(curve.path / PAGE)}\n"
        f"picture  {shown_path(curve.path / PICTURE)}"
    )
    return "\n\n".join(
        (
            table(rows),
            visible_lines("\n".join(curve.sentences)),
            places,
        )
    )
