from types import SimpleNamespace

import pytest

from imgclass.serving.batches import batch_size


def layer(takes, gives):
    return SimpleNamespace(input=tensor(takes), output=tensor(gives))


def tensor(*shapes):
    made = [SimpleNamespace(shape=(None, *shape)) for shape in shapes]
    return made[0] if len(made) == 1 else made


def model(*layers):
    return SimpleNamespace(layers=layers)


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ([], 64),
        ([layer((32, 32, 3), (32, 32, 64))], 64),
        # VGG16: 2 * 224 * 224 * 64 numbers are 25.7 MB, of which 512 MiB hold 20.
        ([layer((224, 224, 64), (224, 224, 64))], 16),
        ([layer((4096, 4096, 64), (4096, 4096, 64))], 1),
    ],
)
def test_the_largest_layer_decides_how_many_images_are_predicted_at_once(layers, size):
    assert batch_size(model(*layers), (32, 32)) == size


def test_a_layer_with_several_inputs_counts_all_of_them():
    add = SimpleNamespace(
        input=tensor((1024, 1024, 8), (1024, 1024, 8)), output=tensor((1024, 1024, 16))
    )
    assert batch_size(model(add), (32, 32)) == 4


def test_a_layer_that_was_never_called_does_not_count():
    class Uncalled:
        @property
        def input(self):
            raise ValueError

    assert batch_size(model(Uncalled()), (32, 32)) == 64


@pytest.mark.keras
def test_the_layers_of_keras_say_their_sizes():
    import keras

    image = keras.Input((512, 512, 3))
    same = keras.layers.Conv2D(64, 3, padding="same")(image)
    made = keras.Model(image, keras.layers.Concatenate()([same, same]))
    assert batch_size(made, (512, 512)) == 2  # 512 * 512 * (64 + 64 + 128) numbers are 256 MiB
