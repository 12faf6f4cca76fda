from django.urls import path

from dropout.views import numbers

urlpatterns = [
    path("numbers/", numbers.number_rows, name="number"),
    path("moved/", numbers.moved_rows, name="moved"),
]
