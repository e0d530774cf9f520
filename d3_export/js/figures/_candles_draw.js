// A chart of bars on its canvas: a candle that closes higher is hollow, one that closes lower is filled, so that paper
// without colour tells them apart too.

/** Candles of `groups` (kit.candlesOf): `x(place)` and `y(value)` in px, `wide` px for one group. */
kit.drawCandles = (context, groups, { x, y, wide, palette }) => {
  const body = kit.clamp(Math.floor(wide * 0.7), 1, 15);
  for (const rising of [true, false]) {
    context.strokeStyle = rising ? palette.up : palette.down;
    context.fillStyle = rising ? palette.paper : palette.down;
    context.lineWidth = 1;
    context.beginPath();
    for (const group of groups) if (closesHigher(group) === rising) candle(context, group, x, y, body, rising);
    context.stroke();
  }
};

function closesHigher(group) {
  return group.open === null || group.close >= group.open;
}

function candle(context, group, x, y, body, rising) {
  const middle = Math.round(x((group.from + group.to) / 2)) + 0.5;
  const open = y(group.open === null ? group.close : group.open);
  const close = y(group.close);
  const [top, foot] = [Math.round(Math.min(open, close)) + 0.5, Math.round(Math.max(open, close)) + 0.5];
  const [high, low] = [y(group.high === null ? group.close : group.high), y(group.low === null ? group.close : group.low)];
  context.moveTo(middle, high);
  context.lineTo(middle, top);
  context.moveTo(middle, foot);
  context.lineTo(middle, low);
  const half = body >> 1;
  if (body < 3) {
    context.moveTo(middle, top);
    context.lineTo(middle, Math.max(foot, top + 1));
  } else if (rising) context.rect(middle - half, top, half * 2, Math.max(foot - top, 0));
  else context.fillRect(middle - half - 0.5, top - 0.5, half * 2 + 1, Math.max(foot - top + 1, 1));
}

/** Volume of `groups` as bars that stand on `foot`; `most` is `high` px tall. */
kit.drawVolume = (context, groups, { x, wide, palette, most, foot, high }) => {
  const body = kit.clamp(Math.floor(wide * 0.7), 1, 15);
  context.fillStyle = palette.neutral;
  context.globalAlpha = 0.55;
  for (const group of groups) {
    if (!group.volume) continue;
    const tall = Math.max(1, (group.volume / most) * high);
    context.fillRect(Math.round(x((group.from + group.to) / 2)) - (body >> 1), foot - tall, body, tall);
  }
  context.globalAlpha = 1;
};
