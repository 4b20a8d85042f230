// Chooses one cell of the mosaic, by click, key or address, and shows what the page's data hold of it.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("cells").textContent);
  const home = document.getElementById("explorer");
  const { sheets, groups, images } = data;
  const pixels = []; // of every sheet
  const mosaics = new Map();

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const draw = (tag, attributes = {}, ...inside) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const say = (value) => (value === null || value === undefined ? "not measurable" : String(value));

  const degrees = (radians) => ((Math.round((radians * 180) / Math.PI) % 180) + 180) % 180;
  // Bars lie across their wave vector; counter-clockwise from horizontal, as everywhere in the laboratory.
  const bars = (fit, number) => degrees(Math.PI / 2 - fit.orientation[number]);
  const has = (fit, number) => Boolean(fit) && fit.orientation[number] !== null;

  // Cut a tile out of a sheet by the place of a background, in percent of what lies outside the element.
  const place = (sheet, number) => {
    const { across, down } = sheets[sheet];
    const share = (index, count) => (count > 1 ? (100 * index) / (count - 1) : 0);
    return `${share(number % across, across)}% ${share(Math.floor(number / across), down)}%`;
  };
  const cut = (element, sheet, number) => {
    element.classList.add("tile", `sheet-${sheet}`);
    element.style.backgroundPosition = place(sheet, number);
    return element;
  };
  // Frames of a film, side by side.
  const wide = ({ width, height }) => width > 3 * height;
  // A cell as the mosaics show it.
  const tileOf = (element, group, number) => cut(element, group.views[0].sheet, group.views[0].first + number);
  const fitOf = (group) => group.views[0].fit;

  const words = (group, number) => {
    const parts = [`${group.one} ${number}`];
    const fit = fitOf(group);
    if (has(fit, number)) parts.push(`bars at ${bars(fit, number)}°`, `R² ${say(fit.r2[number])}`);
    return parts.join(", ");
  };

  // The mosaics.
  const columnsOf = (group) => (group.sheet ? Math.max(...group.sheet.column) + 1 : 0);
  const numbered = (group) => {
    const order = [...Array(group.count).keys()];
    if (group.sheet) order.sort((a, b) => group.sheet.row[a] - group.sheet.row[b] || group.sheet.column[a] - group.sheet.column[b]);
    return order;
  };
  const mosaic = (group) => {
    const list = make("div", { role: "listbox", class: "mosaic", "aria-label": `${group.many}, ${group.count}` });
    if (group.count <= 160) list.classList.add("few");
    const columns = columnsOf(group);
    if (columns) list.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const options = [];
    for (const number of numbered(group)) {
      const option = make("button", { type: "button", role: "option", tabindex: "-1", "aria-selected": "false", "aria-label": words(group, number), id: `${group.key}${number}` });
      options[number] = tileOf(option, group, number);
      list.append(option);
    }
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) choose(group, Number(option.id.slice(group.key.length)));
    });
    list.addEventListener("keydown", (event) => move(event, group));
    mosaics.set(group, { list, options });
    return list;
  };

  const across = (list) => {
    const top = list.children[0].offsetTop;
    let count = 0;
    while (count < list.children.length && list.children[count].offsetTop === top) count += 1;
    return count;
  };
  const move = (event, group) => {
    const { list } = mosaics.get(group);
    const here = [...list.children].indexOf(document.activeElement);
    const last = list.children.length - 1;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across(list), ArrowDown: across(list), Home: -here, End: last - here };
    if (here < 0 || !(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const there = here + steps[event.key];
    if (there < 0 || there > last) return;
    choose(group, Number(list.children[there].id.slice(group.key.length)), true);
  };

  // The chosen cell.
  const chosen = { group: null, number: null };
  const choose = (group, number, focus = false) => {
    if (chosen.group) {
      const before = mosaics.get(chosen.group).options[chosen.number];
      before.setAttribute("aria-selected", "false");
    }
    const option = mosaics.get(group).options[number];
    const { list } = mosaics.get(group);
    list.querySelector("[tabindex='0']").tabIndex = -1;
    option.setAttribute("aria-selected", "true");
    option.tabIndex = 0;
    if (focus) option.focus();
    Object.assign(chosen, { group, number });
    show(group, number);
    tellAddress();
  };
  // After the cell is shown, and once for keys that are held down: the browser takes its time over an address, and
  // refuses more than two hundred in half a minute.
  let telling = 0;
  const tellAddress = () => {
    clearTimeout(telling);
    const before = location.hash;
    telling = setTimeout(() => {
      const address = `#${chosen.group.key}${chosen.number}`;
      if (location.hash === before && before !== address) history.replaceState(null, "", address);
    }, 60);
  };

  const fieldOf = (view, number) => {
    const { across, height: high, width: wide, scales } = sheets[view.sheet];
    const tile = view.first + number;
    const [x, y] = [(tile % across) * wide, Math.floor(tile / across) * high];
    const { data: grey } = pixels[view.sheet].getImageData(x, y, view.width, view.height);
    return Float64Array.from({ length: view.width * view.height }, (_, index) => (grey[4 * index] - 128) * scales[tile]);
  };
  // The same function as neurosim.analysis.gabor.
  const gabor = (fit, number, height, width) => {
    const [x0, y0, theta, f, phase, sx, sy, amplitude] = ["x0", "y0", "orientation", "frequency", "phase", "sigma_x", "sigma_y", "amplitude"].map((name) => fit[name][number]);
    return Float64Array.from({ length: width * height }, (_, index) => {
      const x = (index % width) - x0;
      const y = Math.floor(index / width) - y0;
      const along = x * Math.cos(theta) + y * Math.sin(theta);
      const across = y * Math.cos(theta) - x * Math.sin(theta);
      return amplitude * Math.exp(-((along / sx) ** 2 + (across / sy) ** 2) / 2) * Math.cos(2 * Math.PI * f * along + phase);
    });
  };
  // Drawn on again for every cell: to make one takes longer than to fill it.
  const canvases = [];
  const free = { first: 0 };
  const panel = (values, { height, width, largest, title, alternative }) => {
    const canvas = canvases[free.first] || (canvases[free.first] = make("canvas", { role: "img" }));
    free.first += 1;
    Object.assign(canvas, { width, height });
    canvas.setAttribute("aria-label", alternative);
    const context = canvas.getContext("2d");
    const shown = context.createImageData(width, height);
    values.forEach((value, index) => {
      const grey = Math.max(0, Math.min(255, 128 + (127 * value) / largest));
      shown.data.set([grey, grey, grey, 255], 4 * index);
    });
    context.putImageData(shown, 0, 0);
    return make("figure", { class: wide({ width, height }) ? "panel wide" : "panel" }, canvas, make("figcaption", {}, title));
  };
  const panelsOf = (view, group, number) => {
    const { height, width, fit } = view;
    const field = fieldOf(view, number);
    const largest = field.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const size = { height, width, largest };
    const shown = [panel(field, { ...size, title: view.words, alternative: `${view.words} of ${words(group, number)}` })];
    if (has(fit, number) && fit.amplitude[number] !== null) {
      const fitted = gabor(fit, number, height, width);
      const rest = field.map((value, index) => value - fitted[index]);
      shown.push(panel(fitted, { ...size, title: `Gabor fit, R² ${say(fit.r2[number])}`, alternative: "the Gabor function fitted to it" }));
      shown.push(panel(rest, { ...size, title: "residual", alternative: "field minus fit, on the same scale" }));
    }
    return shown;
  };
  // A row for each view, or one for all where none has more than its field.
  const panels = (group, number) => {
    const rows = group.views.map((view) => panelsOf(view, group, number));
    const together = rows.every((row) => row.length === 1) ? [rows.flat()] : rows;
    return together.map((row) => make("div", { class: "panels" }, ...row));
  };

  const facts = (group, number) => {
    const rows = [];
    if (has(fitOf(group), number)) rows.push(["bars of the Gabor fit (degrees from horizontal)", String(bars(fitOf(group), number))]);
    for (const fact of group.facts) rows.push([fact.words, say(fact.values[number])]);
    if (group.sheet) rows.push(["place on the sheet", `row ${group.sheet.row[number]}, column ${group.sheet.column[number]}`]);
    const list = make("dl", {});
    for (const [term, value] of rows) list.append(make("div", {}, make("dt", {}, term), make("dd", {}, value)));
    return list;
  };

  // Small plots: a curve with its axes.
  const plot = (curve, number) => {
    const rates = curve.rates[number];
    const points = curve.x.map((x, index) => [x, rates[index]]).filter(([, rate]) => rate !== null);
    if (!points.length) return null;
    const along = curve.octaves ? Math.log2 : (x) => x;
    const [first, final] = [curve.x[0], curve.x[curve.x.length - 1]];
    const [left, right] = [along(first), along(final)];
    const top = Math.max(...points.map(([, rate]) => rate), 1e-9);
    const bottom = Math.min(0, ...points.map(([, rate]) => rate));
    const at = ([x, rate]) => [30 + (160 * (along(x) - left)) / (right - left || 1), 80 - (70 * (rate - bottom)) / (top - bottom)];
    const best = points.reduce((most, point) => (point[1] > most[1] ? point : most));
    const text = (x, y, anchor, content) => draw("text", { x, y, "text-anchor": anchor }, content);
    const alternative = `responses over ${curve.words}: largest, ${best[1]} spikes/s, at ${best[0]}`;
    return make("figure", { class: "curve" }, draw("svg", { viewBox: "0 0 200 110", role: "img", "aria-label": alternative },
      draw("path", { d: "M30 6V80H194", class: "axis" }),
      draw("polyline", { points: points.map((point) => at(point).map((value) => value.toFixed(1)).join(",")).join(" ") }),
      ...points.map((point) => draw("circle", { cx: at(point)[0].toFixed(1), cy: at(point)[1].toFixed(1), r: 1.6 })),
      text(27, 13, "end", top.toPrecision(2)), text(27, 82, "end", bottom ? bottom.toPrecision(2) : "0"),
      text(30, 92, "middle", String(first)), text(190, 92, "middle", String(final)), text(110, 105, "middle", curve.words)));
  };
  const tuning = (group, number) => {
    const drawn = (group.tuning || []).map((curve) => plot(curve, number)).filter(Boolean);
    if (!drawn.length) return [];
    return [make("h4", {}, "Tuning to gratings (spikes/s, laboratory)"), make("div", { class: "curves" }, ...drawn)];
  };

  const answers = (group, number) => {
    const best = group.answers ? group.answers[number] : [];
    if (!best.length) return group.answers ? [make("p", { class: "note" }, "It answers none of the held-out stimuli on this page.")] : [];
    const shown = best.map(([index, activity]) => make("figure", { class: "thumb" },
      cut(make("div", { role: "img", "aria-label": `held-out stimulus ${images.numbers[index]}` }), 0, images.first + index),
      make("figcaption", {}, say(activity))));
    const kind = wide(sheets[0]) ? "thumbs wide" : "thumbs";
    return [make("h4", {}, "Held-out stimuli it answers most, with its activity"), make("div", { class: kind }, ...shown)];
  };

  const partners = (group, number) => {
    const drawn = group.weights.flatMap((weights) => {
      const other = groups.find((each) => each.key === weights.to);
      const strongest = weights.strongest[number];
      if (!other || !strongest.length) return [];
      const shown = strongest.map(([index, weight]) => {
        const link = make("a", { href: `#${other.key}${index}`, "aria-label": `${other.one} ${index}, weight ${weight}` });
        return make("figure", { class: "thumb" }, tileOf(link, other, index), make("figcaption", {}, `${other.key}${index}: ${weight}`));
      });
      return [make("p", { class: "note" }, weights.words), make("div", { class: "thumbs" }, ...shown)];
    });
    return drawn.length ? [make("h4", {}, "Strongest weights: a click leads to that cell"), ...drawn] : [];
  };

  // Where it stands among the others: on its sheet as bars, or in the plane of spatial frequencies.
  const maps = new Map();
  const mapOf = (group) => {
    if (!fitOf(group)) return null;
    if (!maps.has(group)) maps.set(group, group.sheet ? sheetOf(group) : planeOf(group));
    return maps.get(group);
  };
  const frame = (alternative, title, size, marks, spot) => {
    const mark = draw("circle", { class: "mark", r: 0 });
    const svg = draw("svg", { viewBox: `0 0 ${size[0]} ${size[1]}`, role: "img", "aria-label": alternative }, ...marks, mark);
    return { figure: make("figure", { class: "map" }, svg, make("figcaption", {}, title)), mark, spot };
  };
  const sheetOf = (group) => {
    const size = [10 * columnsOf(group), 10 * (Math.max(...group.sheet.row) + 1)];
    const spot = (number) => [10 * group.sheet.column[number] + 5, 10 * group.sheet.row[number] + 5];
    const lines = fitOf(group).orientation.map((theta, number) => {
      if (theta === null) return "";
      const [x, y] = spot(number);
      const [dx, dy] = [-4 * Math.sin(theta), 4 * Math.cos(theta)];
      return `M${(x - dx).toFixed(1)} ${(y - dy).toFixed(1)}l${(2 * dx).toFixed(1)} ${(2 * dy).toFixed(1)}`;
    });
    return frame("the sheet: a bar at each neuron along the bars it prefers, a ring at the chosen one",
      "its place on the sheet; bars as each neuron prefers them", size, [draw("path", { d: lines.join(""), class: "bars" })], (number) => [...spot(number), 6]);
  };
  const planeOf = (group) => {
    const fit = fitOf(group);
    const farthest = Math.ceil(20 * Math.max(...fit.frequency, 0.05)) / 20;
    const spot = (number) => {
      const [theta, f] = [fit.orientation[number], fit.frequency[number]];
      if (theta === null || f === null) return null;
      const length = (95 * f) / farthest;
      return [100 + length * Math.cos(theta), 100 + length * Math.sin(theta)];
    };
    // A wave is the same at the opposite vector.
    const dots = [...Array(group.count).keys()].map(spot).filter(Boolean)
      .map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0M${(200 - x).toFixed(1)} ${(200 - y).toFixed(1)}h0`);
    return frame("plane of spatial frequencies: a dot for each neuron, a ring at the chosen one",
      `among the others, by spatial frequency (distance from the middle; the circle is ${farthest} cycles/pixel) and the direction across its bars`, [200, 200],
      [draw("circle", { cx: 100, cy: 100, r: 95, class: "axis" }), draw("path", { d: dots.join(""), class: "dots" })],
      (number) => { const at = spot(number); return at && [...at, 5]; });
  };
  const where = (group, number) => {
    const map = mapOf(group);
    if (!map) return [];
    const at = map.spot(number) || [0, 0, 0];
    ["cx", "cy", "r"].forEach((name, index) => map.mark.setAttribute(name, at[index]));
    return [map.figure];
  };

  const details = make("div", { class: "details", tabindex: "0", role: "region", "aria-label": "The chosen cell" });
  const status = make("p", { role: "status", class: "aside" });
  const show = (group, number) => {
    status.textContent = words(group, number);
    free.first = 0;
    const name = group.one.charAt(0).toUpperCase() + group.one.slice(1);
    details.replaceChildren(make("h3", {}, `${name} ${number}`), ...panels(group, number), facts(group, number),
      ...tuning(group, number), ...answers(group, number), ...partners(group, number), ...where(group, number));
  };

  const wanted = () => {
    const asked = decodeURIComponent(location.hash.slice(1));
    const keys = groups.filter((group) => asked.startsWith(group.key)).sort((a, b) => b.key.length - a.key.length);
    for (const group of keys) {
      const number = asked.slice(group.key.length);
      if (/^\d+$/.test(number) && Number(number) < group.count) return [group, Number(number)];
    }
    return null;
  };
  const start = () => {
    const left = make("div", { class: "mosaics" });
    for (const group of groups) {
      left.append(make("h3", {}, `${group.count} ${group.many}`), mosaic(group));
      mosaics.get(group).list.children[0].tabIndex = 0;
    }
    home.append(status, make("div", { class: "beside" }, left, details));
    groups.forEach(mapOf);
    choose(...(wanted() || [groups[0], 0]));
    home.dataset.ready = String(Math.round(performance.now()));
  };
  addEventListener("hashchange", () => {
    const asked = wanted();
    if (asked) choose(...asked, true);
  });
  // A sheet stands once in the page, as the background of its tiles; its pixels are read from there.
  const read = (sheet) => new Promise((done) => {
    const probe = cut(make("div"), sheet, 0);
    home.append(probe);
    const picture = new Image();
    picture.onload = () => {
      const canvas = make("canvas", { width: picture.width, height: picture.height });
      pixels[sheet] = canvas.getContext("2d", { willReadFrequently: true });
      pixels[sheet].drawImage(picture, 0, 0);
      done();
    };
    picture.src = getComputedStyle(probe).backgroundImage.replace(/^url\(["']?|["']?\)$/g, "");
    probe.remove();
  });
  Promise.all(sheets.map((_, sheet) => read(sheet))).then(start);
})();
