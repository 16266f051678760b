"""Labels and images to class directories; nothing here touches Keras."""
