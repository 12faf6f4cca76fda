/* Draws every <div data-chart="address"> from its JSON. Colours are read from CSS, so that the dark screen shows
   the same chart. Strict CSP: no inline style sheet, tooltips are drawn as text on the canvas. */
(() => {
  "use strict";
  const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const PALETTE = ["#0f5f79", "#a65d00", "#2a78bf", "#8c2d5a"];
  const DARK = ["#eef3f5", "#ffc252", "#86b8ff", "#ff7d6e"];
  const SHAPES = ["circle", "triangle", "rect", "diamond"];
  const isBig = () => document.body.classList.contains("ax-screen");

  const number = (value, rate) => (value === null || value === undefined ? "" : value.toLocaleString("en-US",
    { minimumFractionDigits: rate || value % 1 ? 2 : 0, maximumFractionDigits: 2 }));
  const lastOf = (values) => values.reduce((last, value, place) => (value === null ? last : place), -1);

  const frame = (data, narrow) => {
    const big = isBig();
    const font = css("--tblr-font-sans-serif") || "sans-serif";
    const size = big ? 24 : 12;
    const axis = { fontSize: size, color: css("--ax-mute"), fontFamily: font };
    return {
      animation: false,
      textStyle: { fontFamily: font, fontSize: size, color: css("--ax-ink") },
      grid: { left: big ? 76 : 52, right: big ? 170 : narrow ? 60 : 112, top: big ? 40 : 26, bottom: big ? 44 : 28 },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, formatter: (points) => tell(data, points) },
      xAxis: { type: "category", data: data.labels, axisLabel: axis, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--ax-mute") } } },
      yAxis: { type: "value", scale: true, axisLabel: { ...axis, formatter: (value) => number(value, false) }, splitLine: { lineStyle: { color: css("--ax-line") } } },
    };
  };
  const tell = (data, points) => {
    const place = points[0].dataIndex;
    const marks = data.marks.filter((mark) => mark.place === place).map((mark) => mark.text);
    const said = data.series.map((one) => [one.name, one.texts[place]]).filter(([, text]) => text);
    return [data.labels[place], ...said.map((pair) => pair.join("  ")), ...marks].join("\n");
  };
  const end = (series, data, narrow, colour) => {
    const place = lastOf(series.values);
    return { show: true, color: colour, fontSize: isBig() ? 26 : 12, ...(isBig() ? {} : { width: narrow ? 56 : 108, overflow: "break" }),
      formatter: () => (narrow ? series.name : `${series.name} ${number(series.values[place], data.rate)}`) };
  };
  const line = (series, data, place, narrow) => {
    const ink = css("--ax-ink");
    const mine = (isBig() ? DARK : PALETTE)[place % 4];
    if (series.kind === "target") {
      return { name: series.name, type: "line", data: series.values, color: ink, symbol: "none", connectNulls: false,
        lineStyle: { width: isBig() ? 2 : 1.25, color: isBig() ? css("--ax-sand") : ink },
        endLabel: end(series, data, narrow, isBig() ? css("--ax-sand") : ink), z: 1 };
    }
    if (series.kind === "forecast") {
      return { name: series.name, type: "line", data: series.values, color: (isBig() ? DARK : PALETTE)[0], symbol: "emptyCircle",
        lineStyle: { width: 2, type: "dashed" }, connectNulls: false,
        endLabel: end(series, data, narrow, (isBig() ? DARK : PALETTE)[0]) };
    }
    const points = series.values.map((value, at) => ({ value, symbol: `${series.hollow[at] ? "empty" : ""}${SHAPES[place % 4].replace(/^./, (c) => (series.hollow[at] ? c.toUpperCase() : c))}` }));
    const missing = series.values.map((value, at) => (value === null && series.texts[at] ? at : -1)).filter((at) => at >= 0);
    return { name: series.name, type: "line", data: points, color: mine, symbol: SHAPES[place % 4], symbolSize: isBig() ? 12 : 7,
      showAllSymbol: true, lineStyle: { width: isBig() ? 4 : 2.5 }, connectNulls: false, endLabel: end(series, data, narrow, mine), z: 3,
      markPoint: { silent: true, symbol: "none", data: data.series.length > 4 ? [] : missing.slice(0, 6).map((at) => ({ xAxis: at, y: "92%", value: series.texts[at] })),
        label: { color: css("--ax-mute"), fontSize: isBig() ? 24 : 11, formatter: (p) => p.value } } };
  };
  /* Bars lie on their side, so that long names are read; what may not be told has its word and no bar. */
  const bars = (data, narrow) => {
    const made = frame(data, narrow);
    const word = made.xAxis.axisLabel;
    return { ...made, grid: { left: 8, right: 56, top: data.series.length > 1 ? 30 : 8, bottom: 8, containLabel: true },
      legend: { show: data.series.length > 1, top: 0, right: 0, icon: "rect", itemWidth: 12, itemHeight: 12, selectedMode: false, textStyle: { color: css("--ax-ink"), fontSize: 12 } },
      tooltip: { ...made.tooltip, axisPointer: { type: "none" } },
      xAxis: { type: "value", min: 0, ...(data.rate ? { max: 100 } : {}), minInterval: 1, axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: { type: "category", inverse: true, data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--ax-mute") } }, axisLabel: { ...word, color: css("--ax-ink"), width: narrow ? 96 : 168, overflow: "break" } },
      series: data.series.map((one, at) => ({ name: one.name, type: "bar", barMaxWidth: 18, data: one.values.map((value) => value || 0), color: PALETTE[at % 4],
        label: { show: true, position: "right", color: css("--ax-ink"), fontSize: 12, formatter: (p) => one.texts[p.dataIndex] } })) };
  };
  const option = (data, element) => {
    const narrow = element.clientWidth < 420;
    if (data.shape === "bar") return bars(data, narrow);
    const made = frame(data, narrow);
    let place = 0;
    // Two labels at one end must not cover each other.
    made.series = data.series.map((series) => ({ labelLayout: { moveOverlap: "shiftY" }, ...line(series, data, series.kind === "actual" ? place++ : 0, narrow) }));
    if (data.marks.length) {
      made.series[0].markLine = { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: css("--ax-mute"), type: "dotted", width: 1 },
        data: [...new Set(data.marks.map((mark) => mark.place))].map((at) => ({ xAxis: at })) };
    }
    return made;
  };

  const draw = async (element) => {
    element.dataset.drawn = "busy";
    try {
      const answer = await fetch(element.dataset.chart, { headers: { "X-Timer": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const data = await answer.json();
      const chart = echarts.init(element);
      chart.setOption(option(data, element));
      element.dataset.drawn = "yes";
    } catch (problem) {
      element.dataset.drawn = "no";
      element.textContent = document.body.dataset.wordFail || "";
    }
  };
  const drawAll = () => document.querySelectorAll("[data-chart]:not([data-drawn])").forEach(draw);
  document.addEventListener("portal:charts", drawAll);
  drawAll();

  window.addEventListener("resize", () => document.querySelectorAll("[data-chart]").forEach((element) => {
    const chart = echarts.getInstanceByDom(element);
    if (chart) chart.resize();
  }));
  window.addEventListener("beforeprint", () => document.querySelectorAll("[data-chart]").forEach((element) => {
    const chart = echarts.getInstanceByDom(element);
    if (chart) chart.resize();
  }));

  // The picture as a file: <button data-picture="id of the chart"> -------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    const chart = button && echarts.getInstanceByDom(document.getElementById(button.dataset.picture));
    if (!chart) return;
    const link = document.createElement("a");
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: css("--ax-surface") || "#fff" });
    link.download = `${button.closest("section").querySelector("h2").textContent.trim()}.png`;
    link.click();
  });
})();
