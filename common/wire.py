"""What stands between the server and Django."""


def only_utf8(application):
    """Read every form as UTF-8, whatever the request claims.

    A charset or an encoded parameter that Python does not know fails before any middleware, and
    one that it does know could bring in text that no database stores.
    """

    def answer(environ, start_response):
        kind, *parameters = environ.get("CONTENT_TYPE", "").split(";")
        names = [part.partition("=")[0].strip().lower() for part in parameters]
        kept = [
            part
            for part, name in zip(parameters, names, strict=True)
            if name != "charset" and "*" not in name
        ]
        environ["CONTENT_TYPE"] = ";".join([kind, *kept])
        return application(environ, start_response)

    return answer
