from django.urls import path

from subsidies.views import programmes

urlpatterns = [
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/new/", programmes.programme_new, name="programme-new"),
    path("programmes/<int:pk>/", programmes.programme_detail, name="programme-detail"),
    path("programmes/<int:pk>/edit/", programmes.programme_edit, name="programme-edit"),
    path("programmes/<int:programme>/standards/new/", programmes.standard_new, name="standard-new"),
    path("standards/<int:pk>/", programmes.standard_detail, name="standard-detail"),
    path("standards/<int:pk>/edit/", programmes.standard_edit, name="standard-edit"),
    path("standards/<int:pk>/close/", programmes.standard_close, name="standard-close"),
    path("standards/<int:pk>/confirm/", programmes.standard_confirm, name="standard-confirm"),
]
