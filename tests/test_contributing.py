"""What CONTRIBUTING.md tells people to type works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "CONTRIBUTING.md"

CHECK = """
from graphlab import ops

assert ops.get("Swish") is Swish
op, rng = ops.make("Swish", {"sharpness": 1.5}), np.random.default_rng(0)
x, dy, e = rng.standard_normal((4, 3)), rng.standard_normal((4, 3)), 1e-6

def value(x):
    op.forward(None, x, y=(y := np.empty_like(x)))
    return y

dx = np.empty_like(x)
op.backward(None, dy, x=x, y=value(x), dx=dx)
np.testing.assert_allclose(dx, dy * (value(x + e) - value(x - e)) / (2 * e), rtol=1e-6)
"""


def test_the_operation_of_the_guide_registers_and_has_the_right_gradient(tmp_path):
    (block,) = re.findall(r"```python\n(import numpy.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "swish.py"
    script.write_text(block + CHECK, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
