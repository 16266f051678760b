"""Multi-class image classification on Keras: organize, train, diagnose, know what to try next."""
