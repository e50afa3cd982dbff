# requirements: Django djangorestframework django-cors-headers django-filter whitenoise psycopg2-binary apig-wsgi django-environ
# returns: {"a": 1}
import django
from django.conf import settings

settings.configure(
    DEBUG=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "corsheaders",
        "django_filters",
    ],
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="x",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}},
)
django.setup()
from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.response import Response
from apig_wsgi import make_lambda_handler
import environ


@api_view()
def hello(request):
    return Response({"a": 1})


urlpatterns = [path("", hello)]


def handler(event, context):
    from django.test import Client

    return Client().get("/", HTTP_ACCEPT="application/json").json()
