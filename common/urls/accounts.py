from django.urls import path

from common.views import accounts

app_name = "accounts"
urlpatterns = [
    path("login/", accounts.sign_in, name="login"),
    path("logout/", accounts.sign_out, name="logout"),
    path("me/", accounts.me, name="me"),
    path("password/", accounts.password, name="password"),
    path("preferences/", accounts.preferences, name="preferences"),
]
