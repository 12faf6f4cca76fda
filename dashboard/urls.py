from django.urls import path

from dashboard.views import aid, boards, card, child, dropout, final, home, screen, trends

app_name = "dashboard"
urlpatterns = [
    path("overview/", boards.overview, name="overview"),
    path("overview/reporting/", home.reporting, name="reporting"),
    path("overview/remind/<int:pk>/", home.unit_remind, name="unit-remind"),
    path("overview/tasks/<int:pk>/", boards.task, name="task"),
    path("overview/units/<int:pk>/", boards.unit, name="unit"),
    path("overview/indicators/<int:pk>/", trends.indicator, name="indicator"),
    path("overview/dropout/", dropout.overview, name="dropout"),
    path("overview/aid/", aid.overview, name="aid"),
    path("overview/comparison/", trends.comparison, name="comparison"),
    path("overview/final/", final.account, name="final"),
    path("overview/final/<int:pk>/", final.account, name="final-plan"),
    path("children/<int:pk>/aid/", child.aid, name="child-aid"),
    path("charts/path/<int:pk>/", trends.chart_path, name="chart-path"),
    path("charts/units/<int:pk>/", trends.chart_units, name="chart-units"),
    path("charts/dropout/<slug:code>/", dropout.chart, name="chart-dropout"),
    path("charts/aid/<slug:code>/", aid.chart, name="chart-aid"),
    path("standings/<int:pk>/", card.standing_card, name="standing-card"),
    path("screen/", screen.screen, name="screen"),
    path("screen/board/", screen.board, name="screen-board"),
    path("screen/chart/", screen.chart, name="screen-chart"),
    path("screen/open/", screen.open_display, name="screen-open"),
    path("screen/displays/", screen.displays, name="display-list"),
    path("screen/displays/<int:pk>/end/", screen.display_end, name="display-end"),
]
