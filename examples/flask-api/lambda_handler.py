"""What Lambda calls: the Flask application, behind an adapter from API Gateway's events to WSGI."""

from apig_wsgi import make_lambda_handler

from bookshelf import create_app

handler = make_lambda_handler(create_app())
