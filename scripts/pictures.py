#!/usr/bin/env python3
"""Take the pictures of README.md from a running demonstration: `make run`, then this.

.venv/bin/python scripts/pictures.py [http://127.0.0.1:8000]
"""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "Alxa-demo-2025"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
# picture, sign-in, what to open: an address, or the words of the link to follow from home, as a pattern
PAGES = (
    ("overview", "supervisor", "/overview/"),
    ("home-banner", "left", "/"),
    ("duty-form", "left", "去填.*控辍保学"),
    ("plan", "supervisor", "/tasks/"),
)


def main(base: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        for size, (width, height) in SIZES.items():
            for name, username, where in PAGES:
                context = browser.new_context(
                    base_url=base, locale="zh-CN", viewport={"width": width, "height": height}
                )
                page = context.new_page()
                page.goto("/accounts/login/")
                page.fill("[name=username]", username)
                page.fill("[name=password]", PASSWORD)
                page.press("[name=password]", "Enter")
                page.wait_for_url(lambda url: "/accounts/login/" not in url)
                if where.startswith("/"):
                    page.goto(where)
                else:
                    page.get_by_role("link", name=re.compile(where)).first.click()
                    page.wait_for_load_state()
                page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=size == "desk")
                context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
