/* The big screen: asks for its board every minute, keeps the old numbers when nobody answers, and says so. */
(() => {
  "use strict";
  const main = document.querySelector("main[data-refresh]");
  let good = new Date();
  const two = (number) => String(number).padStart(2, "0");
  const time = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;

  const refresh = async () => {
    try {
      const answer = await fetch(main.dataset.refresh, { headers: { "X-Timer": "1" } });
      if (answer.redirected || answer.status === 403) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      main.querySelectorAll("[data-chart]").forEach((element) => {
        const chart = echarts.getInstanceByDom(element);
        if (chart) chart.dispose();
      });
      main.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
      good = new Date();
      document.dispatchEvent(new Event("portal:charts"));
    } catch (problem) {
      const foot = main.querySelector("[data-updated]");
      if (foot) foot.textContent = document.body.dataset.wordStale.replace("{at}", time(good));
    }
  };
  setInterval(refresh, Number(main.dataset.every) * 1000);
  setInterval(() => {
    const clock = document.getElementById("clock");
    if (clock) clock.textContent = time(new Date());
  }, 5000);
})();
