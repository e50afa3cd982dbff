# requirements: numpy
# returns: [1.0, [4, 4]]
import numpy as np


def handler(event, context):
    return [float(np.linalg.det(np.eye(3))), np.random.default_rng(1).integers(9, size=2).tolist()]
