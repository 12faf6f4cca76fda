from django.urls import path

from dropout.views import templates

urlpatterns = [
    path("templates/", templates.template_list, name="template-list"),
    path("templates/new/", templates.template_new, name="template-new"),
    path("templates/built-in/<slug:kind>/", templates.template_built_in, name="template-built-in"),
    path("templates/<int:pk>/", templates.template_detail, name="template-detail"),
    path("templates/<int:pk>/use/", templates.template_use, name="template-use"),
    path("templates/<int:pk>/document/", templates.template_document, name="template-document"),
    path("templates/<int:pk>/preview/", templates.template_preview, name="template-preview"),
]
