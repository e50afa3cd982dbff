# requirements: Django
# returns: ["Yes", 0]
import django
from django.conf import settings

settings.configure(
    DEBUG=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.admin",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF=__name__,
    SECRET_KEY="x",
)
django.setup()
from django.template import engines

urlpatterns = []


def handler(event, context):
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User

    return [engines["django"].from_string("{% load i18n %}{% trans 'Yes' %}").render({}), User.objects.count()]
