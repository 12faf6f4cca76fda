app_name = "dropout"
urlpatterns = []
