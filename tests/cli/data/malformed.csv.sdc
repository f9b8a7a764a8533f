{ "sdc": 1, "class": "public", "blake2b": "33c445e453a987d75bd1c934b5032ff201cf8d7a79b3f8f578b0d9627f487da4" }
