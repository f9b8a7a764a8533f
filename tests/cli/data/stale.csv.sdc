{ "sdc": 1, "class": "open", "blake2b": "03c445e453a987d75bd1c934b5032ff201cf8d7a79b3f8f578b0d9627f487da4" }
