"""Addresses of student aid; each noun brings its own list."""

app_name = "subsidies"
urlpatterns: list = []
