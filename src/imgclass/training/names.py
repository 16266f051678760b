"""The losses and metrics that a recipe may name; a test compares them with Keras."""

# Of keras.losses, those that take one-hot targets and probabilities.
LOSSES = (
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "dice",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "squared_hinge",
    "tversky",
)

# Measured in every training.
USUAL_METRICS = ("accuracy", "categorical_crossentropy")

# Of keras.metrics, those that make one number of one-hot targets and probabilities.
METRICS = (
    *USUAL_METRICS,
    "auc",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_hinge",
    "cosine_similarity",
    "f1_score",
    "false_negatives",
    "false_positives",
    "hinge",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "precision",
    "r2_score",
    "recall",
    "root_mean_squared_error",
    "squared_hinge",
    "top_k_categorical_accuracy",
    "true_negatives",
    "true_positives",
)
