"""The lists of what a model file may name; everything else of Keras is refused.

Nothing on them opens a file or an address, takes a function, or runs code that a file brings. Left
out on purpose: `Lambda` and `Wrapper`s of functions; `TFSMLayer`, `JaxLayer`, `FlaxLayer`,
`TorchModuleWrapper` (code of another library); `StringLookup`, `IntegerLookup`,
`TextVectorization` (vocabulary files); all else, such as `keras.saving.KerasFileEditor`,
`keras.applications` and `keras.datasets`.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Without `glu`, which halves an axis.
ACTIVATIONS = _names(
    """
    celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu
    linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus
    softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
    """
)
# Layers that may be another layer's activation.
ACTIVATION_LAYERS = _names("ELU LeakyReLU ReLU Softmax")
INITIALIZERS = _names(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal
    LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal
    VarianceScaling Zeros
    """
)
REGULARIZERS = _names("L1 L1L2 L2 OrthogonalRegularizer")
CONSTRAINTS = _names("MaxNorm MinMaxNorm NonNeg UnitNorm")
DTYPES = _names(
    """
    bfloat16 bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8
    """
)
DTYPE_POLICIES = DTYPES | {"mixed_float16", "mixed_bfloat16"}

# For the compile settings of a model inside a model.
OPTIMIZERS = _names(
    """
    Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam
    RMSprop SGD ScheduleFreeAdamW
    """
)
SCHEDULES = _names(
    """
    CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay
    PolynomialDecay
    """
)
LOSSES = _names(
    """
    BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy
    CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber
    KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError
    MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky
    """
)
METRICS = _names(
    """
    AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy
    CategoricalCrossentropy CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score
    FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence LogCoshError Mean
    MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper MeanSquaredError
    MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision
    PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity
    SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy
    SpecificityAtSensitivity SquaredHinge Sum TopKCategoricalAccuracy TrueNegatives TruePositives
    """
)

# By the module that Keras writes.
COMPILED = {
    "keras.optimizers": OPTIMIZERS,
    "keras.optimizers.schedules": SCHEDULES,
    "keras.losses": LOSSES,
    "keras.metrics": METRICS,
}

FUNCTIONAL = frozenset(
    {
        ("keras.src.models.functional", "Functional"),
        ("keras.models", "Model"),
        ("keras", "Model"),
    }
)
SEQUENTIAL = frozenset({("keras", "Sequential"), ("keras.models", "Sequential")})

# Keras imports any module of these that a file names, even from the working directory.
KERAS_PACKAGES = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp"})
