from django.urls import path

from subsidies.views import batches, payments, reconciling

urlpatterns = [
    path("payments/", payments.payment_list, name="payment-list"),
    path("payments/search/", payments.payment_search, name="payment-search"),
    path("payments/<int:pk>/", payments.payment_detail, name="payment-detail"),
    path("payments/<int:pk>/unmask/", payments.payment_unmask, name="payment-unmask"),
    path("payments/<int:pk>/reverse/", payments.payment_reverse, name="payment-reverse"),
    path("payments/<int:pk>/correct/", payments.payment_correct, name="payment-correct"),
    path("payments/<int:pk>/return/", payments.payment_return, name="payment-return"),
    path("payments/<int:pk>/repeat/", payments.payment_repeat, name="payment-repeat"),
    path("reconciling/", reconciling.reconciling, name="reconciling"),
    path("reconciling/children/", reconciling.reconciled_list, name="reconciled-list"),
    path("batches/", batches.batch_list, name="batch-list"),
    path("batches/new/", batches.batch_new, name="batch-new"),
    path("batches/<int:pk>/", batches.batch_detail, name="batch-detail"),
    path("batches/<int:pk>/print/", batches.batch_print, name="batch-print"),
    path("batches/<int:pk>/submit/", batches.batch_submit, name="batch-submit"),
    path("batches/<int:pk>/approve/", batches.batch_approve, name="batch-approve"),
    path("batches/<int:pk>/return/", batches.batch_return, name="batch-return"),
    path("batches/<int:pk>/withdraw/", batches.batch_withdraw, name="batch-withdraw"),
]
