// Least squares of y on x: the line, and the share of y's variance that it explains (R squared).

function leastSquares(points) {
  const known = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const n = known.length;
  if (n < 3) return null; // through two points every line fits
  const meanX = known.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = known.reduce((sum, [, y]) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of known) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (!(xx > 0)) return null; // all above one another
  const slope = xy / xx;
  return { n, slope, intercept: meanY - slope * meanX, r2: yy > 0 ? (xy * xy) / (xx * yy) : 1 };
}

// "y = 0.0312 + 0.4 x, R² 0.83, n = 12" in the units of the numbers themselves.
function regressionWords(fit, yName, xName) {
  const sign = fit.slope < 0 ? "−" : "+";
  const slope = Math.abs(fit.slope).toPrecision(3);
  return `${yName} = ${fit.intercept.toPrecision(3)} ${sign} ${slope} × ${xName}, R² ${fit.r2.toFixed(2)}, n = ${fit.n}`;
}

Object.assign(kit, { leastSquares, regressionWords });
