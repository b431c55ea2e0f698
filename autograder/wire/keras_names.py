"""What of Keras may be named in a configuration that crosses: by module and name, and nothing else.

Keras imports and calls what a configuration names. So a name is looked up here first. Each is Keras's own and computes;
none takes a function, a file or an address.
"""

import importlib
import types
from collections.abc import Iterator
from functools import cache
from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAYERS = _words("""
    InputLayer Dense EinsumDense Conv1D Conv2D Conv3D SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D
    Conv1DTranspose Conv2DTranspose Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization SpectralNormalization
    Normalization Rescaling ActivityRegularization
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise AlphaDropout
    Activation ReLU LeakyReLU PReLU ELU Softmax
    Flatten Reshape Permute RepeatVector Masking Identity
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
    Resizing CenterCrop RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness
    RandomCrop RandomShear RandomHue RandomSaturation RandomSharpness RandomGrayscale RandomInvert RandomErasing
    RandomPerspective RandomGaussianBlur RandomPosterization RandomColorJitter AutoContrast Equalization Solarization
    Embedding SimpleRNN LSTM GRU Bidirectional TimeDistributed SimpleRNNCell LSTMCell GRUCell RNN StackedRNNCells
    Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
""")
MODELS = frozenset({"Sequential", "Functional", "Model"})
ACTIVATIONS = _words("""
    linear relu relu6 sigmoid hard_sigmoid tanh hard_tanh softmax softplus softsign elu selu celu gelu glu silu swish
    hard_silu hard_swish leaky_relu exponential mish log_softmax log_sigmoid sparsemax squareplus
    hard_shrink soft_shrink tanh_shrink sparse_plus sparse_sigmoid
""")
MODELLING: dict[str, frozenset[str]] = {
    "keras": _words("Sequential Model DTypePolicy"),
    "keras.models": _words("Sequential Model"),
    "keras.src.models.functional": _words("Functional"),
    "keras.layers": LAYERS,
    "keras.initializers": _words("""
        Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling GlorotNormal GlorotUniform
        HeNormal HeUniform LecunNormal LecunUniform Orthogonal OrthogonalInitializer Identity IdentityInitializer
    """),
    "keras.regularizers": _words("L1 L2 L1L2 OrthogonalRegularizer"),
    "keras.constraints": _words("MaxNorm MinMaxNorm NonNeg UnitNorm"),
    "keras.random": _words("SeedGenerator"),
    "keras.src.activations.activations": _words("ReLU Mish"),
    "keras.src.ops.numpy": _words("""
        Abs Absolute Add All Amax Amin Any Append Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax Argmin
        Argsort Average BroadcastTo Ceil Clip Concatenate Copy Cos Cosh CountNonzero Cross Cumprod Cumsum Diag Diagonal
        Diff Divide DivideNoNan Dot Einsum Equal Exp Exp2 ExpandDims Expm1 Flip Fliplr Flipud Floor FloorDivide GetItem
        Greater GreaterEqual Hstack Hypot Inner Isfinite Isinf Isnan Less LessEqual Log Log10 Log1p Log2 Logaddexp
        LogicalAnd LogicalNot LogicalOr LogicalXor Matmul Max Maximum Mean Median Min Minimum Mod Moveaxis Multiply
        NanToNum Negative NotEqual OnesLike Outer Pad Power Prod Ravel Reciprocal Repeat Reshape Roll Rot90 Round Sign
        Sin Sinc Sinh Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan Tanh
        Tensordot Tile Transpose Tril Triu TrueDivide Trunc Var Vdot Vstack Where ZerosLike
    """),
    "keras.src.ops.nn": _words("""
        AdaptiveAveragePool AdaptiveMaxPool AveragePool MaxPool BatchNorm LayerNorm RMSNorm Normalize Moments OneHot
        Conv ConvTranspose DepthwiseConv SeparableConv DotProductAttention DepthToSpace SpaceToDepth
        Celu Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LeakyRelu LogSigmoid LogSoftmax Relu Relu6 Selu
        Sigmoid Silu SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink
        Threshold
    """),
    "keras.src.ops.math": _words("Erf Erfc Erfinv Logsumexp Rsqrt TopK"),
    "keras.src.ops.core": _words("Cast ConvertToTensor Slice StopGradient"),
    "keras.src.ops.linalg": _words("Det Inv Norm"),
    "keras.src.ops.image": _words("CropImages ExtractPatches HSVToRGB PadImages RGBToGrayscale RGBToHSV Resize"),
}
DATA = _words(
    "__keras_tensor__ __numpy__ __tensor__ __slice__ __ellipsis__ __tuple__"
)  # plain values, by Keras's names
TRAINING: dict[str, frozenset[str]] = {
    "keras.losses": _words("""
        BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity CTC Dice Hinge Huber KLDivergence
        LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
        SparseCategoricalCrossentropy SquaredHinge Tversky
    """),
    "keras.metrics": _words("""
        Accuracy AUC BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence
        LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanSquaredError MeanSquaredLogarithmicError
        OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision
        RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge TopKCategoricalAccuracy TrueNegatives
        TruePositives
    """),
    "keras.optimizers": _words("""
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam RMSprop SGD
    """),
    "keras.optimizers.schedules": _words("""
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay
    """),
    "keras": _words("DTypePolicy"),
}
TRAINING_FUNCTIONS = _words("""
    binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy categorical_crossentropy
    categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge circle
    concordance_correlation cosine_similarity ctc dice hinge huber kl_divergence log_cosh mean_absolute_error
    mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error pearson_correlation poisson
    sparse_categorical_accuracy sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge
    top_k_categorical_accuracy tversky
""")
_ABOUT_LAYERS = ("keras.initializers", "keras.regularizers", "keras.constraints")
_WITHOUT_STATE = ("keras.losses", "keras.optimizers", "keras.optimizers.schedules")
OBJECTS = {name: MODELLING[name] for name in _ABOUT_LAYERS} | {name: TRAINING[name] for name in _WITHOUT_STATE}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
_OTHERWISE = {"keras.ops": {"gelu"}}  # of these names, what computes something else than the activation


def activation_name(function: Any) -> str | None:
    """The name of Keras's own activation that a function is; None for any other function, whatever its name."""
    return _activations().get(id(function))


def activation(name: str) -> Any:
    """Keras's activation of a name on the list. Raises KeyError."""
    if name not in ACTIVATIONS:
        raise KeyError(name)
    return importlib.import_module("keras.activations").get(name)


@cache
def _activations() -> dict[int, str]:
    """Keras's activations, and what TensorFlow and keras.ops have that computes the same, by id."""
    named = [(module, name, name) for module in _homes() for name in ACTIVATIONS]
    named += [(importlib.import_module("tensorflow"), "identity", "linear")]
    named += [(importlib.import_module(module), "exp", "exponential") for module in ("tensorflow", "keras.ops")]
    found = [(getattr(module, name, None), stands_for) for module, name, stands_for in named]
    return {id(function): name for function, name in found if isinstance(function, _FUNCTIONS)} | _own_names()


def _own_names() -> dict[int, str]:
    activations = importlib.import_module("keras.activations")
    return {id(activations.get(name)): name for name in sorted(ACTIVATIONS, reverse=True)}  # silu, not swish


def _homes() -> Iterator[Any]:
    tensorflow = importlib.import_module("tensorflow")
    yield from (tensorflow, tensorflow.math, tensorflow.nn)
    operations = importlib.import_module("keras.ops")
    other = _OTHERWISE["keras.ops"]
    yield types.SimpleNamespace(**{name: each for name, each in vars(operations).items() if name not in other})


def training_function_name(function: Any) -> str | None:
    """The name of Keras's own loss or metric that a function is; None for any other function, whatever its name."""
    name = getattr(function, "__name__", "")
    return name if name in TRAINING_FUNCTIONS and training_function(name) is function else None


def training_function(name: str) -> Any:
    """Keras's loss or metric of a name on the list. Raises KeyError."""
    if name not in TRAINING_FUNCTIONS:
        raise KeyError(name)
    losses, metrics = map(importlib.import_module, ("keras.losses", "keras.metrics"))
    return getattr(losses, name, None) or getattr(metrics, name)
