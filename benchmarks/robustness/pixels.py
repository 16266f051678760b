"""The same pixels everywhere: what the organizer, the flows, evaluation and prediction decode."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.robustness.pictures import sound
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import SPLITS, Sample
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.images import decoding
from imgclass.images.resizing import resize_image

IMAGE_SIZE = (13, 11)
COPIES = 3  # of each kind, so that each of them can be in every split
Images = dict[str, npt.NDArray[Any]]


class Spy:
    """Stands where a model would, and keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[npt.NDArray[Any]] = []

    def predict_on_batch(self, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Take a batch; give every class the same probability."""
        self.batches.append(np.array(images))
        return np.full((len(images), 2), 0.5)

    def seen(self, paths: list[Path]) -> Images:
        """Return the images by the names of their files."""
        return dict(zip([p.name for p in paths], np.concatenate(self.batches), strict=False))


def prove(*, short: bool) -> list[Row]:
    """Compare every kind of sound file on five ways; the short form is the whole."""
    del short
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    trials = Trials()
    with tempfile.TemporaryDirectory() as scratch:
        folder, organized = _organize(Path(scratch))
        ways = {
            "cached flow": _flow(folder, "cached"),
            "evaluation": _evaluated(folder),
            "predict": _predicted(folder),
        }
        for name, image in organized.items():
            for way, images in ways.items():
                with trials.trial(f"{way}, {name}"):
                    require(np.array_equal(images[name], image), "the pixels differ")
        keras = _generator_row(folder, organized)
    ours = trials.row(
        what="pixels in the cached flow, evaluation, predict",
        promise="those of the organizer's check, bit for bit",
        note=f"{len(organized)} files of {len(sound())} kinds",
    )
    return [ours, keras]


def _generator_row(folder: ImageFolder, organized: Images) -> Row:
    trials = Trials()
    for name, image in organized.items():
        if not name.startswith("0 "):
            continue  # one of the copies is enough
        with trials.trial(name):
            _require_generator(folder, name, image)
    return trials.row(
        what="pixels in the pipeline `generator`",
        promise="those of the organizer's check, bit for bit",
    )


def _organize(home: Path) -> tuple[ImageFolder, Images]:
    """Organize files of every kind; return them, and the pixels that the organizer's check saw."""
    images, rows = home / "images", ["id,label"]
    images.mkdir()
    for kind, (name, data) in enumerate(sound().items()):
        for copy in range(COPIES):
            file = f"{copy} {name}"
            (images / file).write_bytes(data)
            rows.append(f'"{file}",{("ant", "bee")[(kind + copy) % 2]}')
    (home / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    seen: Images = {}
    with _watched(seen):
        folder = DatasetOrganizer(val=0.3, test=0.3).organize(
            home / "labels.csv", images, home / "data"
        )
    return folder, seen


@contextmanager
def _watched(seen: Images) -> Iterator[None]:
    """Keep the pictures that the organizer checks and compares."""
    decode_picture = decoding.decode_picture

    def watched(data: bytes, *, name: str, **options: Any) -> Image.Image:
        picture = decode_picture(data, name=name, **options)
        seen[Path(name).name] = resize_image(np.array(picture), IMAGE_SIZE)
        return picture

    with mock.patch.object(decoding, "decode_picture", watched):
        yield


def _open(folder: ImageFolder, pipeline: Any) -> Any:
    from imgclass.flows import open_flows

    return open_flows(folder, image_size=IMAGE_SIZE, pipeline=pipeline)


def _flow(folder: ImageFolder, pipeline: str) -> Images:
    flows = _open(folder, pipeline)
    images: Images = {}
    for flow in (flows.train, flows.val, flows.test):
        batches = np.concatenate([flow[index][0] for index in range(len(flow))])
        images |= dict(zip([path.name for path in flow.paths], batches, strict=True))
    return images


def _evaluated(folder: ImageFolder) -> Images:
    from imgclass.evaluation import evaluate

    spy, flows = Spy(), _open(folder, "cached")
    evaluate(spy, flows)
    return spy.seen([path for split in SPLITS for path in folder.paths(split)])


def _predicted(folder: ImageFolder) -> Images:
    from imgclass.serving import predict

    paths = [path for split in SPLITS for path in folder.paths(split)]
    images: Images = {}
    for path in paths:  # one by one: a batch is filled up with black
        spy = Spy()
        predict(spy, path, class_names=folder.class_names, image_size=IMAGE_SIZE)
        images |= spy.seen([path])
    return images


def _require_generator(folder: ImageFolder, name: str, image: npt.NDArray[Any]) -> None:
    """Require the pixels of one file, in a data set of its own so that none stops the others."""
    [sample] = [s for s in folder.manifest.samples if Path(s.path).name == name]
    images = _flow(_alone(folder, sample), "generator")
    require(np.array_equal(images[name], image), "the pixels differ")


def _alone(folder: ImageFolder, sample: Sample) -> ImageFolder:
    """Return a data set of one file, twice in each split, once a class."""
    root = Path(tempfile.mkdtemp(dir=folder.root.parent))
    samples = []
    for split in SPLITS:
        for label in folder.class_names:
            path = Path(split, label, Path(sample.path).name)
            (root / path).parent.mkdir(parents=True)
            (root / path).symlink_to(folder.root / sample.path)
            samples.append(replace(sample, path=path.as_posix(), label=label, split=split))
    return ImageFolder(root, replace(folder.manifest, samples=tuple(samples)))
