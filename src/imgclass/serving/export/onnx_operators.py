"""An operation of TensorFlow's that tf2onnx does not know, said in ONNX's words."""

from functools import cache
from typing import Any

import numpy as np


@cache
def add_operators() -> None:
    """Teach tf2onnx the complementary error function, of which Keras's `gelu` consists."""
    from tf2onnx.handler import tf_op

    tf_op("Erfc")(_Erfc)


class _Erfc:
    """1 - erf(x)."""

    @classmethod
    def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replace the node."""
        from tf2onnx.utils import make_name

        (values,), (output,) = node.input, node.output
        shape, dtype = graph.get_shape(output), graph.get_dtype(output)
        one = graph.make_const(make_name("one"), np.float32(1))
        erf = graph.make_node("Erf", [values], shapes=[shape], dtypes=[dtype])
        graph.remove_node(node.name)
        graph.make_node(
            "Sub",
            [one.output[0], erf.output[0]],
            name=node.name,
            outputs=[output],
            shapes=[shape],
            dtypes=[dtype],
        )
