print("vitsim")
