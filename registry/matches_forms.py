"""What somebody says of a pair."""

from django import forms

from registry.models import Verdict


class VerdictForm(forms.Form):
    """What a button says; `seen` is the version of the decision on the page."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    seen = forms.IntegerField(min_value=0)
