"""What is known of the library that multiplies matrices, where the order of a computation is chosen by it.

OpenBLAS rearranges both factors before it multiplies, which pays where every number is used many times. On processors
with AVX-512 it multiplies small ones at once (its small-matrix kernels): 6×25 by 25×6272 at 175 GFLOP/s, by twice as
many columns at 50. Elsewhere such portions cost next to nothing.
"""

LIGHT = 1_000_000  # multiplications up to which a product is small in that sense
