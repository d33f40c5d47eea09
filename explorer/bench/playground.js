// A re-implementation of what TensorFlow Playground computes for its default task, as the reference of a benchmark:
// two inputs, hidden layers of 4 and 2 tanh units, one tanh output, squared error, batches of 10, rate 0.03, no regularisation;
// 500 points of the circle set, half of them to learn from. After every epoch the network answers at each point of a
// 100 × 100 grid, keeping every unit's answer, and both losses are taken.
// `measure` runs epoch after epoch and paints nothing. `paced` runs as the page does: one epoch in each animation frame,
// after which every unit's map is painted on a canvas of its own.
// Usage: node playground.js SECONDS; prints what `measure` found.

const DENSITY = 100, RADIUS = 5, BATCH = 10, RATE = 0.03;

function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function circle(count, random) {
  const points = [];
  for (let i = 0; i < count; i++) {
    const inner = i < count / 2;
    const r = inner ? random() * RADIUS * 0.5 : RADIUS * (0.7 + 0.3 * random());
    const angle = 2 * Math.PI * random();
    points.push({x: r * Math.sin(angle), y: r * Math.cos(angle), label: inner ? 1 : -1});
  }
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [points[i], points[j]] = [points[j], points[i]];
  }
  return points;
}

class Unit {
  constructor() {
    this.bias = 0.1;
    this.incoming = [];
    this.outgoing = [];
    this.output = this.total = this.outputSlope = this.inputSlope = this.sumOfSlopes = 0;
    this.slopes = 0;
  }

  answer() {
    this.total = this.bias;
    for (const link of this.incoming) this.total += link.weight * link.source.output;
    return (this.output = Math.tanh(this.total));
  }
}

function network(shape, random) {
  const layers = shape.map((width) => Array.from({length: width}, () => new Unit()));
  for (let depth = 1; depth < layers.length; depth++) {
    for (const target of layers[depth]) {
      for (const source of layers[depth - 1]) {
        const link = {source, target, weight: random() - 0.5, slope: 0, sum: 0, count: 0};
        source.outgoing.push(link);
        target.incoming.push(link);
      }
    }
  }
  return layers;
}

function forward(layers, x, y) {
  layers[0][0].output = x;
  layers[0][1].output = y;
  for (let depth = 1; depth < layers.length; depth++) for (const unit of layers[depth]) unit.answer();
  return layers[layers.length - 1][0].output;
}

function backward(layers, target) {
  const last = layers[layers.length - 1][0];
  last.outputSlope = last.output - target;
  for (let depth = layers.length - 1; depth >= 1; depth--) {
    for (const unit of layers[depth]) {
      unit.inputSlope = unit.outputSlope * (1 - unit.output * unit.output);
      unit.sumOfSlopes += unit.inputSlope;
      unit.slopes++;
      for (const link of unit.incoming) {
        link.slope = unit.inputSlope * link.source.output;
        link.sum += link.slope;
        link.count++;
      }
    }
    if (depth === 1) continue;
    for (const unit of layers[depth - 1]) {
      unit.outputSlope = 0;
      for (const link of unit.outgoing) unit.outputSlope += link.weight * link.target.inputSlope;
    }
  }
}

function update(layers) {
  for (let depth = 1; depth < layers.length; depth++) {
    for (const unit of layers[depth]) {
      unit.bias -= (RATE * unit.sumOfSlopes) / unit.slopes;
      unit.sumOfSlopes = unit.slopes = 0;
      for (const link of unit.incoming) {
        link.weight -= (RATE * link.sum) / link.count;
        link.sum = link.count = 0;
      }
    }
  }
}

function loss(layers, points) {
  let total = 0;
  for (const {x, y, label} of points) total += 0.5 * (forward(layers, x, y) - label) ** 2;
  return total / points.length;
}

function epoch(layers, points, maps) {
  points.train.forEach(({x, y, label}, i) => {
    forward(layers, x, y);
    backward(layers, label);
    if ((i + 1) % BATCH === 0) update(layers);
  });
  const losses = [loss(layers, points.train), loss(layers, points.test)];
  for (let i = 0; i < DENSITY; i++) {
    for (let j = 0; j < DENSITY; j++) {
      forward(layers, -6 + (12 * i) / (DENSITY - 1), 6 - (12 * j) / (DENSITY - 1));
      let map = 0;
      for (const layer of layers) for (const unit of layer) maps[map++][i][j] = unit.output;
    }
  }
  return losses;
}

function setUp() {
  const random = randomSource(1), all = circle(500, random);
  const layers = network([2, 4, 2, 1], random);
  const maps = layers.flat().map(() => Array.from({length: DENSITY}, () => new Array(DENSITY).fill(0)));
  return {layers, maps, points: {train: all.slice(0, 250), test: all.slice(250)}};
}

function measure(seconds) {
  const {layers, points, maps} = setUp();
  for (let warm = 0; warm < 20; warm++) epoch(layers, points, maps);
  const begin = Date.now();
  let epochs = 0, losses = [];
  while (Date.now() - begin < 1000 * seconds) {
    losses = epoch(layers, points, maps);
    epochs++;
  }
  return {epochsPerSecond: (1000 * epochs) / (Date.now() - begin), epochs, losses};
}

function paint(map, canvas) {
  const context = canvas.getContext("2d"), image = context.createImageData(DENSITY, DENSITY);
  let at = 0;
  for (let j = 0; j < DENSITY; j++) {
    for (let i = 0; i < DENSITY; i++) {
      const level = Math.round(127.5 * (1 + Math.max(-1, Math.min(1, map[i][j]))));
      image.data[at++] = 255 - level;
      image.data[at++] = 128;
      image.data[at++] = level;
      image.data[at++] = 160;
    }
  }
  context.putImageData(image, 0, 0);
}

function paced(seconds) {
  const {layers, points, maps} = setUp();
  const canvases = maps.map(() => Object.assign(document.createElement("canvas"), {width: DENSITY, height: DENSITY}));
  canvases.forEach((canvas) => document.body.append(canvas));
  return new Promise((resolve) => {
    let epochs = 0, begin = 0;
    const frame = (now) => {
      begin = begin || now;
      epoch(layers, points, maps);
      maps.forEach((map, unit) => paint(map, canvases[unit]));
      if (now - begin < 1000 * seconds) {
        epochs++;
        requestAnimationFrame(frame);
      } else resolve({epochsPerSecond: (1000 * epochs) / (now - begin), epochs});
    };
    requestAnimationFrame(frame);
  });
}

if (typeof process === "object") console.log(JSON.stringify(measure(Number(process.argv[2]))));
